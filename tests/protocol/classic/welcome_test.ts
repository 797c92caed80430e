import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Decoder, encodeWelcome, limits, WelcomeDecoder } from "../../../protocol/mod.ts";
import {
  anyText,
  byteByByte,
  cutAt,
  decode,
  hex,
  join,
  type Outcome,
  test,
  utf8,
} from "../../fixtures/decoding.ts";

/** A welcome's lines, and the bytes behind it. */
interface Welcomed extends Outcome<string> {
  readonly rest: Uint8Array;
}

/** Reads a welcome as one reads it off a connection: nothing is pushed once it has ended. */
function readWelcome(pieces: readonly Uint8Array[]): Welcomed {
  const welcome = new WelcomeDecoder();
  const behind: Uint8Array[] = [];
  const untilEnd: Decoder<string> = {
    *push(piece) {
      if (welcome.rest === undefined) yield* welcome.push(piece);
      else behind.push(piece);
    },
    end: () => welcome.end(),
  };
  const outcome = decode(untilEnd, pieces);
  return { ...outcome, rest: join(welcome.rest ?? hex(""), ...behind) };
}

/** Asserts what becomes of a welcome whole, byte by byte and cut in two at every place. */
function assertWelcome(
  bytes: Uint8Array,
  { messages, code, rest = hex("") }: Partial<Welcomed> & Outcome<string>,
): void {
  const expected = { messages, code, rest };
  assertEquals(readWelcome([bytes]), expected);
  assertEquals(readWelcome(byteByByte(bytes)), expected);
  for (let at = 0; at < Math.min(bytes.length, 512); at++) {
    assertEquals(readWelcome(cutAt(bytes, [at])), expected);
  }
  if (code !== undefined) return;
  assertEquals(readWelcome([join(bytes, hex("4100"))]).rest, join(rest, hex("4100")));
}

test("welcome: it ends at the first empty line, with either line end", () => {
  assertWelcome(utf8("Hello\nthere\n\n"), { messages: ["Hello", "there"] });
  assertWelcome(utf8("Hello\r\nthere\r\n\r\n"), { messages: ["Hello", "there"] });
  assertWelcome(utf8("\n"), { messages: [] });
  assertWelcome(utf8("\r\n"), { messages: [] });
});

test("welcome: what is behind the empty line is left alone", () => {
  assertWelcome(utf8("Hello\n\nHello\n"), { messages: ["Hello"], rest: utf8("Hello\n") });
  assertWelcome(hex("0a 0001 41"), { messages: [], rest: hex("0001 41") });
});

test("welcome: it ends before a line that starts with a byte below 0x09", () => {
  for (let byte = 0; byte < 9; byte++) {
    const rest = hex(`0${byte} 0a41`);
    assertWelcome(rest, { messages: [], rest });
    assertWelcome(join(utf8("Hello\n"), rest), { messages: ["Hello"], rest });
  }
  assertWelcome(utf8("\tHello\n\n"), { messages: ["\tHello"] });
});

test("welcome: a byte below 0x09 within a line is part of it", () => {
  assertWelcome(hex("41 00 08 0a 0a"), { messages: ["A\0\b"] });
});

test("welcome: a line that is not UTF-8 is read as Windows-1252", () => {
  assertWelcome(hex("e9 0a c3a9 0a 0a"), { messages: ["é", "é"] });
});

test("welcome: an end before its own end is truncated", () => {
  assertWelcome(utf8(""), { messages: [], code: "truncated" });
  assertWelcome(utf8("Hel"), { messages: [], code: "truncated" });
  assertWelcome(utf8("Hello\n"), { messages: ["Hello"], code: "truncated" });
  assertWelcome(utf8("Hello\n\r"), { messages: ["Hello"], code: "truncated" });
});

test("welcome: 64 lines pass, a 65th is too many", () => {
  const lines = Array.from({ length: limits.welcomeLines }, (_, line) => `line ${line}`);
  const text = lines.map((line) => line + "\n").join("");
  assertWelcome(utf8(text + "\n"), { messages: lines });
  assertWelcome(join(utf8(text), hex("0001")), { messages: lines, rest: hex("0001") });
  assertWelcome(utf8(text + "one\n\n"), { messages: lines, code: "welcome-too-long" });
});

test("welcome: 8 KiB pass, line ends included, one byte more is too many", () => {
  const longest = "a".repeat(limits.welcomeBytes - 2);
  assertWelcome(utf8(`${longest}\n\n`), { messages: [longest] });
  assertWelcome(utf8(`${longest}\r\n\n`), { messages: [`${longest}`], code: "welcome-too-long" });
  assertWelcome(utf8(`${longest}a\n\n`), { messages: [`${longest}a`], code: "welcome-too-long" });
  assertWelcome(utf8(`${longest}aaa\n`), { messages: [], code: "welcome-too-long" });
  assertWelcome(utf8(`${longest}aaa`), { messages: [], code: "welcome-too-long" });
});

test("welcome: blocks behind it don't count as part of it", () => {
  const rest = new Uint8Array(limits.welcomeBytes * 2).fill(0x41);
  const { messages, code, rest: behind } = readWelcome([join(utf8("Hello\n\n"), rest)]);
  assertEquals({ messages, code }, { messages: ["Hello"], code: undefined });
  assertEquals(behind.length, rest.length);
});

test("welcome: any bytes give lines or a protocol error, the same for every cut", () => {
  const text = fc.array(fc.constantFrom("a", "é", "\n", "\r\n", "\r", "\0", "\x08", "\t"));
  const bytes = fc.oneof(fc.uint8Array(), text.map((parts) => utf8(parts.join(""))));
  fc.assert(fc.property(bytes, fc.array(fc.nat()), (bytes, places) => {
    const whole = readWelcome([bytes]);
    assertEquals(readWelcome(cutAt(bytes, places)), whole);
    assertEquals(readWelcome(byteByByte(bytes)), whole);
  }));
});

test("welcome: an empty line within it goes out as a space, those at its end not at all", () => {
  assertEquals(encodeWelcome("Hello\n\nthere\n\n\n"), utf8("Hello\n \nthere\n\n"));
  assertEquals(encodeWelcome(""), utf8(" \n\n"));
});

test("welcome: every kind of line end goes out as LF", () => {
  assertEquals(encodeWelcome("a\r\nb\rc\nd"), utf8("a\nb\nc\nd\n\n"));
});

test("welcome: control characters go out as pictures of themselves", () => {
  assertEquals(encodeWelcome("\0\x1b[31mred"), utf8("␀␛[31mred\n\n"));
});

test("welcome: one over the limits doesn't go out", () => {
  const lines = "a\n".repeat(limits.welcomeLines);
  assertEquals(encodeWelcome(lines), utf8(lines + "\n"));
  assertThrows(() => encodeWelcome(lines + "a"), RangeError, "65 lines");
  const longest = "a".repeat(limits.welcomeBytes - 2);
  assertEquals(encodeWelcome(longest).length, limits.welcomeBytes);
  assertThrows(() => encodeWelcome(longest + "a"), RangeError, "8193 bytes");
});

test("welcome: whatever goes out arrives, and ends where it should", () => {
  const text = fc.array(
    fc.oneof(anyText(8), fc.constantFrom("\n", "\r", "\r\n", " ")),
    { maxLength: 20 },
  ).map((parts) => parts.join(""));
  fc.assert(fc.property(text, (text) => {
    const bytes = encodeWelcome(text);
    const { messages, code, rest } = readWelcome([join(bytes, hex("0000"))]);
    assertEquals({ code, rest }, { code: undefined, rest: hex("0000") });
    assertEquals(messages.length, text.trimEnd().split(/\r\n|\r|\n/).length);
  }));
});
