/** A server and peers that mean harm, and real clients: what is on the screen, and on stdout. */

import { Wire } from "../helpers/peers.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import stringWidth from "string-width";
import { encodeAdd, limits } from "../../protocol/mod.ts";
import { ATTACKS } from "../fixtures/attacks.ts";
import { hearLogin } from "../helpers/fake_server.ts";
import { poll } from "../helpers/wait.ts";
import { runArgs } from "../helpers/programs.ts";
import { ScreenProbe } from "../helpers/screen.ts";
import { TestTerminal } from "../helpers/terminal.ts";
import { TestEnvironment } from "../helpers/test_environment.ts";

const TEXTS = Object.values(ATTACKS).map(([attack]) => attack);
/** Those that can be one line of UTF-8: no line break in them, no half of a pair. */
const isLine = (text: string) => text.isWellFormed() && !/\n/.test(text);
const isName = (text: string) => isLine(text) && text.length < limits.nameUnits - 2;
/** How many messages come in a burst. */
const BURST = 10_000;

/** A server that attacks whoever logs in; resolves to the port where that client takes calls. */
function hostileServer(
  env: TestEnvironment,
): { readonly at: string; readonly port: Promise<number> } {
  const { promise, resolve } = Promise.withResolvers<number>();
  const { hostname, port } = env.listen(async (wire) => {
    // Short enough for a welcome: a thousand marks in a row are left to the messages.
    const welcome = TEXTS.filter((text) => isLine(text) && text.length < 100);
    await wire.say(welcome.map((text) => `<${text}>\n`).join("") + "\n");
    const login = await hearLogin(wire);
    await wire.say(encodeAdd({ ...login, address: "127.0.0.1" }));
    for (const text of TEXTS) await wire.say(encodeAdd({ name: text, address: text, port: 9 }));
    resolve(login.port);
  });
  return { at: `${hostname}:${port}`, port: promise };
}

/**
 * Calls a client under each name that does harm, and says each text that does.
 *
 * @param shown waits until the client shows a text: one that is busy refuses many calls at once
 */
async function attack(port: number, shown: (text: string) => Promise<void>): Promise<void> {
  for (const [index, name] of TEXTS.filter(isName).entries()) {
    using peer = await Wire.call({ hostname: "127.0.0.1", port }, `<${name}>`);
    await peer.sayLines(`caller ${index} as ${name}`);
    await shown(`caller ${index} as`);
  }
}

Deno.test({
  name: "safe to look at: on a real terminal a server and callers do no harm",
  // The terminal's reader is a native one that ends with the process, not with the test.
  sanitizeResources: false,
  sanitizeOps: false,
  async fn() {
    await using env = TestEnvironment.real();
    const server = hostileServer(env);
    const [columns, rows] = [1_300, 400];
    const args = ["--server", server.at, "--listen", "127.0.0.1", "--classic", "--name", "ada"];
    await using ada = new TestTerminal([...runArgs("client"), ...args], columns, rows);
    await ada.shows(/^You are online as ada$/);
    const port = await server.port; // all of the table is sent
    await ada.shows(/^Online: /);
    ada.type("/who\r");
    await ada.shows(/^\d+ users online$/);
    ada.type("half 世界 😀 li");
    const typed = (lines: string[]) => lines.at(-1)?.endsWith("half 世界 😀 li") ?? false;
    await ada.until(typed, "a half-typed line");
    await attack(port, (text) => ada.shows(new RegExp(text)));
    using mallory = await Wire.call({ hostname: "127.0.0.1", port }, "mallory");
    const lines = TEXTS.filter(isLine);
    await mallory.sayLines(...lines.map((text) => `<${text}>`), `${"\x07".repeat(1_000)}the end`);
    await ada.shows(/mallory.*the end$/);
    for (const [text, shown] of Object.values(ATTACKS)) {
      const wanted = isLine(text) ? [`<${shown}>`] : [];
      if (isName(text)) wanted.push(`as ${shown}`);
      const visible = (lines: string[]) =>
        wanted.every((each) => lines.some((line) => line.includes(each)));
      await ada.until(visible, `to see ${wanted.join(" and ")}`);
    }
    await ada.until(typed, "the half-typed line, as it was");
    // The prompt may tell of what is unread: the cursor is behind what was typed all the same.
    const behind = () => ada.cursorColumn === stringWidth(ada.lines.at(-1) ?? "");
    await ada.when(behind, "the cursor behind what was typed");
    using probe = new ScreenProbe(columns, rows);
    await probe.write(ada.output);
    assertEquals(probe.obeyed.filter((what) => /OSC (?![012];)|DCS|;owned$/.test(what)), []);
    assertEquals([probe.answers, probe.alternate], ["", false]);
    assertEquals(probe.adorned, []);
    assert(probe.bells < 1_000, `${probe.bells} bells, one for each in a text`);
    // Sequences of the client's own, and what it shows, but nothing that came as it was.
    for (
      const introducer of ["P", "_", "^", "X", "c", "Z", "(", "[6n", "[5n", "]52;", "]8;"]
    ) {
      assert(!ada.output.includes(`\x1b${introducer}`), introducer);
    }
    for (const control of "\x05\x0e\x90\x98\x9b\x9c\x9d\x9f") assert(!ada.output.includes(control));
  },
});

for (const face of ["--plain", "--json"]) {
  Deno.test(`safe to look at: ${face} stays one event a line under ${BURST} messages`, async () => {
    await using env = TestEnvironment.real();
    const server = hostileServer(env);
    const ada = new Deno.Command(Deno.execPath(), {
      args: [...runArgs("client"), face, "--classic", "--server", server.at, "--name", "ada"],
      cwd: new URL("../../", import.meta.url),
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const output: number[] = [];
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let all = "";
    const reading = (async () => {
      for await (const chunk of ada.stdout) {
        output.push(...chunk);
        all += decoder.decode(chunk, { stream: true });
      }
    })();
    const place = { hostname: "127.0.0.1", port: await server.port };
    await attack(place.port, (text) => poll(() => all.includes(text), text));
    const lines = TEXTS.filter((text) => isLine(text) && text.length < 100);
    const burst = Array.from(
      { length: BURST },
      (_, count) => `${count} ${lines[count % lines.length]}`,
    );
    using mallory = await Wire.call(place, "mallory");
    await mallory.sayLines(...burst, "the end");
    await poll(() => all.includes("the end"), "all messages");
    ada.kill("SIGTERM");
    assertEquals((await ada.status).code, 143);
    await reading;
    await ada.stdin.close();
    for (const byte of output) {
      assert(byte >= 0x20 && byte !== 0x7f || byte === 0x0a || byte === 0x09);
    }
    const said = all.trimEnd().split("\n");
    for (const line of said) {
      if (face === "--json") assertMatch(JSON.parse(line).event, /^[a-z-]+$/);
      else assertMatch(line, /^[a-z-]+(\t[^\t]*)*$/);
      assert(!/(?!\t)\p{Cc}/u.test(line), JSON.stringify(line));
    }
    const messages = said.filter((line) =>
      /^message\tmallory\t|"message","name":"mallory"/.test(line)
    );
    assertEquals(messages.length, BURST + 1);
    messages.slice(0, -1).forEach((line, count) => {
      assert(line.includes(face === "--json" ? `"${count} ` : `\t${count} `), line);
    });
  });
}
