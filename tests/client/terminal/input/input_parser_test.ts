import { assertEquals } from "@std/assert";
import { type Input, InputParser } from "../../../../client/terminal/input/input_parser.ts";

function parsed(chunks: readonly string[]): Input[] {
  const parser = new InputParser();
  return chunks.flatMap((chunk) => [...parser.push(chunk)]);
}

/** Keys and texts that came in several pieces as one. */
function joined(inputs: readonly Input[]): Input[] {
  const all: Input[] = [];
  for (const input of inputs) {
    const keys = input.kind === "text"
      ? input.text
      : input.kind === "keys"
      ? input.keys
      : undefined;
    const last = all.at(-1);
    if (keys !== undefined && last?.kind === "keys") {
      all[all.length - 1] = { kind: "keys", keys: last.keys + keys };
    } else all.push(keys === undefined ? input : { kind: "keys", keys });
  }
  return all;
}

const INPUT = "a\x1b[200~one\r\x1b[31mtwo\x1b[201~b\x1b[12;40Rc\x1b[A";
const EXPECTED: Input[] = [
  { kind: "keys", keys: "a" },
  { kind: "paste", text: "one\r\x1b[31mtwo" },
  { kind: "keys", keys: "b" },
  { kind: "position", row: 12, column: 40 },
  { kind: "keys", keys: "c\x1b[A" },
];

Deno.test("keys, pastes and answers are told apart, wherever the input is cut", () => {
  assertEquals(joined(parsed([INPUT])), EXPECTED);
  assertEquals(joined(parsed([...INPUT])), EXPECTED);
  for (let at = 1; at < INPUT.length; at++) {
    assertEquals(joined(parsed([INPUT.slice(0, at), INPUT.slice(at)])), EXPECTED, `cut at ${at}`);
  }
});

Deno.test("characters that come at once are one text, but for what may belong to an ESC", () => {
  assertEquals(parsed(["two 世界 👍\r\rx\tyz\x1bfab", "cd", "e\x1bO", "Pab"]), [
    { kind: "text", text: "two 世界 👍" },
    { kind: "keys", keys: "\r\r" },
    { kind: "keys", keys: "x" },
    { kind: "keys", keys: "\t" },
    { kind: "text", text: "yz" },
    { kind: "keys", keys: "\x1bfab" },
    { kind: "text", text: "cd" },
    { kind: "keys", keys: "e" },
    { kind: "keys", keys: "\x1bOPab" },
  ]);
});

Deno.test("an ESC that nothing follows is a key once the wait is over", () => {
  const parser = new InputParser();
  assertEquals([...parser.push("\x1b")], []);
  assertEquals(parser.unfinished, "keys");
  assertEquals([...parser.flush()], [{ kind: "keys", keys: "\x1b" }]);
});

Deno.test("a paste whose end never comes ends, and the keyboard works again", () => {
  const parser = new InputParser();
  assertEquals([...parser.push("\x1b[200~lost")], []);
  assertEquals(parser.unfinished, "paste");
  assertEquals([...parser.flush()], [{ kind: "paste", text: "lost" }]);
  assertEquals([...parser.push("x")], [{ kind: "keys", keys: "x" }]);
});

Deno.test("a paste over the limit is dropped as a whole, the one after it is not", () => {
  const parser = new InputParser();
  const piece = "x".repeat(1024 * 1024);
  parser.push("\x1b[200~").next();
  for (let count = 0; count < 5; count++) assertEquals([...parser.push(piece)], []);
  assertEquals([...parser.push("\x1b[201~\x1b[200~y\x1b[201~")], [
    { kind: "paste-too-long" },
    { kind: "paste", text: "y" },
  ]);
});
