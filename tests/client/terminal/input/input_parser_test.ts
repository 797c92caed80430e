// deno-lint-ignore-file no-control-regex
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Input, InputParser } from "../../../../client/terminal/input/input_parser.ts";

function parsed(chunks: readonly string[]): Input[] {
  const parser = new InputParser();
  return chunks.flatMap((chunk) => [...parser.push(chunk)]);
}

/** Keys and texts that came in several pieces as one. */
function joined(inputs: readonly Input[]): Input[] {
  const all: Input[] = [];
  for (const input of inputs) {
    const keys = input.type === "text"
      ? input.text
      : input.type === "keys"
      ? input.keys
      : undefined;
    const last = all.at(-1);
    if (keys !== undefined && last?.type === "keys") {
      all[all.length - 1] = { type: "keys", keys: last.keys + keys };
    } else all.push(keys === undefined ? input : { type: "keys", keys });
  }
  return all;
}

const INPUT = "a\x1b[200~one\r\x1b[31mtwo\x1b[201~b\x1b[12;40Rc\x1b[A";
const EXPECTED: Input[] = [
  { type: "keys", keys: "a" },
  { type: "paste", text: "one\r\x1b[31mtwo" },
  { type: "keys", keys: "b" },
  { type: "position", row: 12, column: 40 },
  { type: "keys", keys: "c\x1b[A" },
];

Deno.test("keys, pastes and answers are told apart, wherever the input is cut", () => {
  assertEquals(joined(parsed([INPUT])), EXPECTED);
  assertEquals(joined(parsed([...INPUT])), EXPECTED);
  for (let at = 1; at < INPUT.length; at++) {
    assertEquals(joined(parsed([INPUT.slice(0, at), INPUT.slice(at)])), EXPECTED, `cut at ${at}`);
  }
});

Deno.test("characters that come at once are one text, and a sequence is one key", () => {
  assertEquals(parsed(["two 世界 👍\r\rx\tyz\x1bfab", "cd", "e\x1bO", "Pab\x1b\x1b[A"]), [
    { type: "text", text: "two 世界 👍" },
    { type: "keys", keys: "\r\r" },
    { type: "keys", keys: "x" },
    { type: "keys", keys: "\t" },
    { type: "text", text: "yz" },
    { type: "keys", keys: "\x1bf" },
    { type: "text", text: "ab" },
    { type: "text", text: "cd" },
    { type: "keys", keys: "e" },
    { type: "keys", keys: "\x1bOP" },
    { type: "text", text: "ab" },
    { type: "keys", keys: "\x1b\x1b[A" },
  ]);
});

Deno.test("an ESC that nothing follows is a key once the wait is over", () => {
  const parser = new InputParser();
  assertEquals([...parser.push("\x1b")], []);
  assertEquals(parser.unfinished, "keys");
  assertEquals([...parser.flush()], [{ type: "keys", keys: "\x1b" }]);
  assertEquals(parser.unfinished, undefined);
  assertEquals([...parser.push("[")], [{ type: "keys", keys: "[" }]);
  assertEquals(parsed(["\x1b\x1b\r"]), [
    { type: "keys", keys: "\x1b" },
    { type: "keys", keys: "\x1b\r" },
  ]);
});

/** Sequences that are no keys: answers of terminals, reports, and what nobody knows. */
const UNKNOWN = [
  "\x1b[?62;22c",
  "\x1b[>41;351;0c",
  "\x1b[?2026;2$y",
  "\x1b[<0;10;12M",
  "\x1b[27;5;13~",
  "\x1b[97;5:3u",
  "\x1b[1;2;3;4;5;6Z",
  "\x1b[201~",
  "\x9b?62;22c",
  "\x1b]11;rgb:0000/0000/0000\x1b\\",
  "\x1b]11;rgb:ffff/ffff/dddd\x07",
  "\x1bP1$r0m\x1b\\",
  "\x1bP>|XTerm(390)\x1b\\",
  "\x1b_Gi=31;OK\x1b\\",
  "\x1b^private\x1b\\",
  "\x1bXstring\x1b\\",
  "\x90tmux\x9c",
  "\x1b(B", // character sets, and what else has intermediate bytes
  "\x1b%G",
  "\x1b#8",
  "\x1b$(C",
  "\x1b[M !!", // the mouse, in X10's form
  "\x1b[M#\x7f~",
  "\x1b[M `é",
  "\x1b[M \x9b\u00e1",
  "\x9bM !!",
  "\x1b[1\x18",
  "\x1b]0;title\x1a",
  "\x1b[1 2;3$x", // no valid sequence
  "\x1b[38:2::1:2:3;?5n",
  "\x1b]8;;http://example.org\x1b\\",
  `\x1b]52;c;${"QUJD".repeat(3000)}\x07`,
  "\x84", // C1 controls that are no keys
  "\x85",
  "\x9c",
];

Deno.test("a sequence that is no key is no text either, however it comes apart", () => {
  const around: Input[] = [{ type: "keys", keys: "ab" }];
  for (const sequence of UNKNOWN) {
    const shown = JSON.stringify(sequence);
    assertEquals(joined(parsed([`a${sequence}b`])), around, shown);
    assertEquals(joined(parsed([..."a", ...sequence, "b"])), around, shown);
    const step = Math.ceil(sequence.length / 200); // a long one is cut at some places
    for (let at = 1; at < sequence.length; at += step) {
      const parser = new InputParser();
      const late = [
        ...parser.push(sequence.slice(0, at)),
        ...parser.flush(),
        ...parser.push(sequence.slice(at)),
        ...parser.push("b"),
      ];
      const text = late.filter((input) => input.type !== "keys" || input.keys !== "\x1b");
      assertEquals(text, [{ type: "keys", keys: "b" }], `${shown} cut at ${at}`);
    }
  }
});

Deno.test("a key that was given up is thrown away, and so is the rest of an answer", () => {
  for (
    const chunks of [["\x1b", "[A"], ["\x1b[", "1;5C"], ["\x1b[", "12;", "4R"], ["\x1bO", "P"]]
  ) {
    const parser = new InputParser();
    const inputs = chunks.flatMap((chunk) => [...parser.push(chunk), ...parser.flush()]);
    assertEquals(inputs.some(({ type }) => type === "text"), false);
    for (const input of inputs) {
      assert(input.type === "position" || input.type === "keys" && /^\x1b/.test(input.keys));
    }
  }
});

Deno.test("what interrupts a sequence acts, and a key that begins one takes no others", () => {
  assertEquals(parsed(["\x1b[12\r$xy\x1b]11;\x03z"]), [
    { type: "keys", keys: "\r" },
    { type: "keys", keys: "y" },
    { type: "keys", keys: "\x03" },
    { type: "keys", keys: "z" },
  ]);
  assertEquals(parsed(["\x1b[12;\x0340R"]), [
    { type: "keys", keys: "\x03" },
    { type: "position", row: 12, column: 40 },
  ]);
  assertEquals(parsed(["\x1b[1;\x1b[A"]), [{ type: "keys", keys: "\x1b[A" }]);
  const parser = new InputParser();
  const altP = [
    ...parser.push("\x1bP"),
    ...parser.flush(),
    ...parser.push("o"),
    ...parser.push("k"),
  ];
  assertEquals(joined(altP), [{ type: "keys", keys: "ok" }]);
});

Deno.test("the end mark belongs to its paste however late it is, and until then nothing acts", () => {
  const paste = "\x1b[200~one\rtwo\r/who\rsecret\r/quit\r\x03\x1b[201~";
  for (let at = 1; at < paste.length; at++) {
    const parser = new InputParser();
    const inputs = [
      ...parser.push(paste.slice(0, at)),
      ...parser.flush(),
      ...parser.push(paste.slice(at)),
    ].filter((input) => input.type !== "keys" || input.keys !== "\x1b");
    assertEquals(inputs, [{ type: "paste", text: paste.slice(6, -6) }], `cut at ${at}`);
  }
  assertEquals(parsed(["\x1b[200~\x03", "\x1b[201~"]), [{ type: "paste", text: "\x03" }]);
});

Deno.test("a paste whose end never comes is ended by Ctrl-C, and the keyboard works again", () => {
  const parser = new InputParser();
  assertEquals([...parser.push("\x1b[200~lost")], []);
  assertEquals(parser.unfinished, "paste");
  assertEquals([...parser.flush()], []);
  assertEquals([...parser.push("\x03")], [{ type: "paste", text: "lost" }]);
  assertEquals([...parser.push("x")], [{ type: "keys", keys: "x" }]);
});

Deno.test("a paste over the limit is dropped as a whole, the one after it is not", () => {
  const parser = new InputParser();
  const piece = "x".repeat(1024 * 1024);
  parser.push("\x1b[200~").next();
  for (let count = 0; count < 5; count++) assertEquals([...parser.push(piece)], []);
  assertEquals([...parser.push("\x1b[201~\x1b[200~y\x1b[201~")], [
    { type: "paste-too-long" },
    { type: "paste", text: "y" },
  ]);
});

Deno.test("a paste in 8-bit controls ends by such a mark, and by no other", () => {
  const text = "one\r\x1b[201~/quit\r";
  assertEquals(parsed([`\x9b200~${text}`, "\x9b20", "1~x"]), [
    { type: "paste", text },
    { type: "keys", keys: "x" },
  ]);
  const other = "one\r\x9b201~/quit\r";
  assertEquals(parsed([`\x1b[200~${other}\x1b[201~`]), [{ type: "paste", text: other }]);
  assertEquals(parsed([`\x1b\x1b[200~one\r\x1b[201~`]), [
    { type: "keys", keys: "\x1b" },
    { type: "paste", text: "one\r" },
  ]);
});

Deno.test("text among sequences of any kind is the text, wherever the input is cut", () => {
  const byte = (from: string, to: string) =>
    fc.integer({ min: from.charCodeAt(0), max: to.charCodeAt(0) })
      .map((code) => String.fromCharCode(code));
  const bytes = (from: string, to: string, most: number) =>
    fc.array(byte(from, to), { maxLength: most }).map((all) => all.join(""));
  const introducer = fc.constantFrom("\x1b[", "\x9b");
  const csi = fc.tuple(introducer, bytes("0", "?", 8), bytes(" ", "/", 2), byte("@", "~"))
    .map((parts) => parts.join(""))
    .filter((sequence) => !/[[\x9b][[M]$|200~$/.test(sequence));
  const nf = fc.tuple(bytes(" ", "/", 3), byte(" ", "/"), byte("0", "~"))
    .map((parts) => `\x1b${parts.join("")}`);
  const mouse = fc.tuple(introducer, bytes("!", "~", 0), fc.string({ minLength: 3, maxLength: 3 }))
    .map(([begin, , report]) => `${begin}M${report}`);
  const string = fc.tuple(
    fc.constantFrom("\x1bP", "\x1bX", "\x1b]", "\x1b^", "\x1b_", "\x90", "\x9d"),
    bytes(" ", "~", 20),
    fc.constantFrom("\x07", "\x1b\\", "\x9c", "\x18"),
  ).map(([begin, inside, end]) => {
    const isEnd = end !== "\x07" || /[\]\x9d]/.test(begin); // a BEL ends an OSC alone
    return begin + inside + (isEnd ? end : `${end}\x1b\\`);
  });
  const sequence = fc.oneof(csi, nf, mouse, string);
  const word = fc.constantFrom("a", "bc", "x1", "é", "世界", "👍", "[200~"); // none that goes on a sequence
  fc.assert(fc.property(
    fc.array(fc.oneof(sequence.map((each) => ["", each]), word.map((each) => [each, each]))),
    fc.array(fc.nat(), { maxLength: 5 }),
    (parts, cuts) => {
      const input = parts.map(([, raw]) => raw).join("");
      const points = cuts.map((cut) => cut % (input.length + 1)).sort((a, b) => a - b);
      const chunks = [...points, input.length].map((to, index) =>
        input.slice(index === 0 ? 0 : points[index - 1], to)
      ).filter((chunk) => chunk !== "");
      const text = parsed(chunks).flatMap((one) =>
        one.type === "text"
          ? one.text
          : one.type === "keys" && !/^\x1b/.test(one.keys)
          ? one.keys
          : []
      );
      assertEquals(text.join(""), parts.map(([shown]) => shown).join(""), JSON.stringify(chunks));
    },
  ));
});

Deno.test("a BEL ends an OSC; DCS, SOS, PM and APC go on to ST", () => {
  const texts = (raw: string) =>
    parsed([raw]).flatMap((one) =>
      one.type === "text" ? one.text : one.type === "keys" ? one.keys : []
    );
  for (const begin of ["\x1b]", "\x9d"]) assertEquals(texts(`${begin}0;a\x07b`).join(""), "b");
  for (const begin of ["\x1bP", "\x1bX", "\x1b^", "\x1b_", "\x90", "\x98", "\x9e", "\x9f"]) {
    for (const end of ["\x1b\\", "\x9c"]) {
      assertEquals(texts(`${begin}a\x07hidden${end}b`).join(""), "b", JSON.stringify(begin));
    }
  }
});
