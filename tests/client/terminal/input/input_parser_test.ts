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

Deno.test("characters that come at once are one text, but for what may belong to an ESC", () => {
  assertEquals(parsed(["two 世界 👍\r\rx\tyz\x1bfab", "cd", "e\x1bO", "Pab"]), [
    { type: "text", text: "two 世界 👍" },
    { type: "keys", keys: "\r\r" },
    { type: "keys", keys: "x" },
    { type: "keys", keys: "\t" },
    { type: "text", text: "yz" },
    { type: "keys", keys: "\x1bfab" },
    { type: "text", text: "cd" },
    { type: "keys", keys: "e" },
    { type: "keys", keys: "\x1bOPab" },
  ]);
});

Deno.test("an ESC that nothing follows is a key once the wait is over", () => {
  const parser = new InputParser();
  assertEquals([...parser.push("\x1b")], []);
  assertEquals(parser.unfinished, "keys");
  assertEquals([...parser.flush()], [{ type: "keys", keys: "\x1b" }]);
});

Deno.test("a paste whose end never comes ends, and the keyboard works again", () => {
  const parser = new InputParser();
  assertEquals([...parser.push("\x1b[200~lost")], []);
  assertEquals(parser.unfinished, "paste");
  assertEquals([...parser.flush()], [{ type: "paste", text: "lost" }]);
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
