import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { CONFIG_KEYS } from "../../../../client/storage/config/config.ts";
import { parseConfig } from "../../../../client/storage/config/parse.ts";

/** Asserts that this is wrong, at this place and in these words. */
function assertProblem(text: string, line: number, column: number, words: string): void {
  const parsed = parseConfig(text);
  assertEquals(parsed.ok || parsed.problems, [{ line, column, text: words }]);
}

Deno.test("config: every key, with comments and a last comma", () => {
  const text = `// mine
  {
    "server": "mim.example", "name": "ada", /* me */
    "listen": ":4243", // behind the firewall
    "history": 30, "joins": "smart", "bell": false, "strangers": "ask", "notify": true,
  }`;
  assertEquals(parseConfig(text), {
    ok: true,
    locked: [],
    config: {
      server: "mim.example",
      name: "ada",
      listen: ":4243",
      history: 30,
      joins: "smart",
      bell: false,
      strangers: "ask",
      notify: true,
    },
  });
});

Deno.test("config: nothing sets nothing", () => {
  for (const text of ["", " \n", "// later", "{}", "\ufeff{}", "/* a */ // b\n"]) {
    assertEquals(parseConfig(text), { ok: true, config: {}, locked: [] }, text);
  }
});

Deno.test("config: wrong values are named with line and column, all of them", () => {
  const text = `{
  "server": "a b",\r
  "name": "",
  "listen": 4242,
  "history": 0,
  "joins": "maybe", "bell": "on",
  "strangers": null, "notify": [
    true
  ]
}`;
  const parsed = parseConfig(text);
  assertEquals(
    parsed.ok ? [] : parsed.problems.map(({ line, column, text }) => `${line}:${column} ${text}`),
    [
      '2:13 Expected server to be "HOST", "HOST:PORT" or "mim://HOST:PORT#KEY", or several with commas, got "a b"',
      '3:11 Expected name to be a name of 1 to 64 visible characters, got ""',
      '4:13 Expected listen to be "ADDR", "ADDR:PORT" or ":PORT", got 4242',
      "5:14 Expected history to be true, false, or a number of days, got 0",
      '6:12 Expected joins to be "on", "off" or "smart", got "maybe"',
      '6:29 Expected bell to be true or false, got "on"',
      '7:16 Expected strangers to be "allow", "ask", "refuse" or "allow-unconfirmed", got null',
      "7:32 Expected notify to be true or false, got [ true ]",
    ],
  );
});

Deno.test("config: unknown keys and those that come twice", () => {
  const keys = CONFIG_KEYS.join(", ");
  assertProblem('{\n  "Bell": true\n}', 2, 3, `Expected one of ${keys}, got "Bell"`);
  assertProblem('{ "toString": 1 }', 1, 3, `Expected one of ${keys}, got "toString"`);
  assertProblem('{ "__proto__": 1 }', 1, 3, `Expected one of ${keys}, got "__proto__"`);
  assertProblem('{ "bell": true, "bell": false }', 1, 17, "Expected bell once, got it again");
});

Deno.test("config: what is right beside wrong values stays", () => {
  const text = '{ "bell": false, "listen": 4242, "colour": "red", "joins": "on", "joins": "off" }';
  const parsed = parseConfig(text);
  assertEquals([parsed.ok, parsed.config], [false, { bell: false, joins: "on" }]);
  assertEquals(parseConfig('{ "bell": false').config, undefined);
});

Deno.test("config: syntax errors are named with line and column, the first one only", () => {
  assertProblem('{ "bell": true', 1, 15, 'Expected "}", got the end');
  assertProblem('{ "bell": }', 1, 11, "Expected a value, got }");
  assertProblem('{ "bell" true }', 1, 10, 'Expected ":", got true');
  assertProblem('{ "bell": true\n  "notify": true }', 2, 3, 'Expected ",", got "notify"');
  assertProblem("{ bell: true }", 1, 3, 'Expected JSON, keys and texts in "quotes", got bell');
  assertProblem("{} {}", 1, 4, "Expected nothing more, got {");
  assertProblem("/* bell", 1, 1, 'Expected "*/", got /* bell');
  assertProblem("[true]", 1, 1, "Expected { … }, got [true]");
  assertProblem("bell=true", 1, 1, 'Expected JSON, keys and texts in "quotes", got bell=true');
});

Deno.test("config: whatever it says, parsing never throws", () => {
  const part = fc.constantFrom(
    "{",
    "}",
    '"bell"',
    ":",
    "true",
    ",",
    "//",
    "/*",
    "\n",
    '"',
    "[",
    "0",
  );
  fc.assert(fc.property(
    fc.oneof(fc.string({ unit: "binary" }), fc.array(part).map((parts) => parts.join(" "))),
    (text) => {
      const parsed = parseConfig(text);
      if (!parsed.ok) assertEquals(parsed.problems.length > 0, true);
    },
  ));
});

Deno.test("config: what is wrong is shown without control characters", () => {
  assertProblem(
    '{"b\x1b[2Jell": 1}',
    1,
    2,
    'Expected JSON, keys and texts in "quotes", got "b␛[2Jell"',
  );
  assertProblem(
    '{"b\\u001b[2J": 1}',
    1,
    2,
    `Expected one of ${CONFIG_KEYS.join(", ")}, got "b␛[2J"`,
  );
  assertProblem('{"bell": "\x9b\u202e"}', 1, 10, 'Expected bell to be true or false, got "��"');
});
