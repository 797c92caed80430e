import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecoderStream, encodeLine, limits, LineDecoder } from "../../../protocol/mod.ts";
import {
  anyLine,
  byteByByte,
  decode,
  decodeStream,
  hex,
  join,
  test,
  testAnyBytes,
  testVectors,
  utf8,
} from "../../fixtures/decoding.ts";

const lines = {
  name: "lines",
  decoder: () => new LineDecoder(),
  stream: () => new DecoderStream(new LineDecoder()),
  tail: utf8("x"),
};
const linesOf4 = {
  name: "lines of four bytes",
  decoder: () => new LineDecoder(4),
  stream: () => new DecoderStream(new LineDecoder(4)),
  tail: utf8("x"),
};

testVectors(lines, [
  { outcome: "no bytes are no line", bytes: utf8(""), messages: [] },
  { outcome: "a line comes without its end", bytes: utf8("one\n"), messages: ["one"] },
  { outcome: "a line may be empty", bytes: utf8("\n\n"), messages: ["", ""] },
  {
    outcome: "CR LF ends a line too",
    bytes: utf8("one\r\n\r\ntwo\n"),
    messages: ["one", "", "two"],
  },
  { outcome: "a CR that no LF follows stays", bytes: utf8("a\rb\r\r\n"), messages: ["a\rb\r"] },
  {
    outcome: "characters of every length come whole",
    bytes: utf8("aé€😀\n"),
    messages: ["aé€😀"],
  },
  {
    outcome: "a NUL and a byte order mark stay",
    bytes: utf8("\uFEFFa\0\n"),
    messages: ["\uFEFFa\0"],
  },
  {
    outcome: "a line that is not UTF-8 is read as Windows-1252",
    bytes: join(utf8("caf"), 0xe9, 0x20, 0x80, 0x0a),
    messages: ["café €"],
  },
  {
    outcome: "the line behind one in Windows-1252 is read as UTF-8 again",
    bytes: join(0xe9, 0x0a, utf8("é\n")),
    messages: ["é", "é"],
  },
  {
    outcome: "one wrong byte makes all of its line Windows-1252",
    bytes: join(utf8("é"), 0xff, 0x0a),
    messages: ["Ã©ÿ"],
  },
  {
    outcome: "UTF-8 that is cut off, overlong or a surrogate is not UTF-8",
    bytes: join(hex("c3 0a"), hex("c080 0a"), hex("eda080 0a")),
    messages: ["Ã", "À€", "í\u00A0€"],
  },
  {
    outcome: "an end within a line is truncated",
    bytes: utf8("a\nb"),
    messages: ["a"],
    code: "truncated",
  },
  {
    outcome: "an end between CR and LF is truncated",
    bytes: utf8("a\r"),
    messages: [],
    code: "truncated",
  },
]);

testVectors(linesOf4, [
  { outcome: "exactly four pass", bytes: utf8("abcd\n"), messages: ["abcd"] },
  { outcome: "CR LF doesn't count", bytes: utf8("abcd\r\n"), messages: ["abcd"] },
  {
    outcome: "bytes count, not characters",
    bytes: utf8("éé\né€\n"),
    messages: ["éé"],
    code: "line-too-long",
  },
  { outcome: "five are too long", bytes: utf8("abcde\n"), messages: [], code: "line-too-long" },
  {
    outcome: "five and CR LF are too long",
    bytes: utf8("abcde\r\n"),
    messages: [],
    code: "line-too-long",
  },
  { outcome: "a second CR counts", bytes: utf8("abcd\r\r\n"), messages: [], code: "line-too-long" },
  {
    outcome: "a line without an end stops before it is kept",
    bytes: utf8("abcdef"),
    messages: [],
    code: "line-too-long",
  },
  {
    outcome: "lines before one too long are not lost",
    bytes: utf8("a\nb\nabcdef"),
    messages: ["a", "b"],
    code: "line-too-long",
  },
]);

testAnyBytes(
  lines,
  fc.array(anyLine(20)).map((lines) => utf8(lines.join("\n"))),
);
testAnyBytes(
  linesOf4,
  fc.array(anyLine(5)).map((lines) => utf8(lines.join("\r\n"))),
);

test("lines: what was said is what is heard", () => {
  fc.assert(fc.property(fc.array(anyLine(20)), (said) => {
    const bytes = join(...said.map(encodeLine));
    assertEquals(decode(new LineDecoder(), [bytes]).messages, said);
  }));
});

test("lines: exactly 64 KiB pass with either end, one byte more doesn't", async () => {
  const longest = new Uint8Array(limits.lineBytes).fill(0x61);
  for (const [end, outcome] of [["\n", 1], ["\r\n", 1], ["a\n", 0], ["a\r\n", 0]] as const) {
    const bytes = join(longest, utf8(end));
    for (
      const pieces of [[bytes], byteByByte(bytes), [bytes.subarray(0, -1), bytes.subarray(-1)]]
    ) {
      const { messages, code } = decode(new LineDecoder(), pieces);
      assertEquals(messages.map((line) => line.length), outcome ? [limits.lineBytes] : []);
      assertEquals(code, outcome ? undefined : "line-too-long");
    }
    assertEquals(
      (await decodeStream(new DecoderStream(new LineDecoder()), [bytes])).messages.length,
      outcome,
    );
  }
});

test("lines: the longest line, a byte at a time, is copied a few times over and no more", () => {
  const bytes = join(new Uint8Array(limits.lineBytes).fill(0x61), 0x0a);
  const copied = countCopiedBytes(() => decode(new LineDecoder(), byteByByte(bytes)));
  assert(copied > 0);
  assertLess(copied, 4 * bytes.length);
});

test("lines: a line to be sent is one line of at most 64 KiB", () => {
  assertEquals(encodeLine(""), utf8("\n"));
  assertEquals(encodeLine("a".repeat(limits.lineBytes)).length, limits.lineBytes + 1);
  assertThrows(() => encodeLine("a".repeat(limits.lineBytes + 1)), RangeError, "65537");
  assertThrows(() => encodeLine("é".repeat(limits.lineBytes / 2 + 1)), RangeError, "65538");
  assertThrows(() => encodeLine("one\ntwo"), RangeError, "line breaks");
});

/** How many bytes `TypedArray.prototype.set` moves while `fn` runs. */
function countCopiedBytes(fn: () => void): number {
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
  const { set } = typedArray;
  let copied = 0;
  typedArray.set = function (source: Uint8Array, offset?: number) {
    copied += source.length;
    return set.call(this, source, offset);
  };
  try {
    fn();
  } finally {
    typedArray.set = set;
  }
  return copied;
}
