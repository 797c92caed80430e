import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  ChatDecoder,
  type ChatMessage,
  DecoderStream,
  encodeLine,
  limits,
} from "../../../protocol/mod.ts";
import {
  anyLine,
  decode,
  hex,
  join,
  test,
  testAnyBytes,
  testVectors,
  utf8,
} from "../../fixtures/decoding.ts";

const caller = {
  name: "caller",
  decoder: () => new ChatDecoder("caller"),
  stream: () => new DecoderStream(new ChatDecoder("caller")),
  tail: utf8("x"),
};
const callee = {
  name: "callee",
  decoder: () => new ChatDecoder("callee"),
  stream: () => new DecoderStream(new ChatDecoder("callee")),
  tail: utf8("x"),
};

function texts(...texts: readonly string[]): ChatMessage[] {
  return texts.map((text) => ({ type: "text", text }));
}

testVectors(caller, [
  { outcome: "one that says nothing is nobody yet", bytes: utf8(""), messages: [] },
  {
    outcome: "its first line is its name, the others are chat",
    bytes: utf8("ada\nhello\n\nbob\n"),
    messages: [{ type: "name", name: "ada" }, ...texts("hello", "", "bob")],
  },
  {
    outcome: "its lines may end in CR LF",
    bytes: utf8("ada\r\nhello\r\n"),
    messages: [{ type: "name", name: "ada" }, ...texts("hello")],
  },
  {
    outcome: "its name is trimmed, its chat is not",
    bytes: utf8("\uFEFF ada \n hello \n"),
    messages: [{ type: "name", name: "ada" }, ...texts(" hello ")],
  },
  {
    outcome: "name and chat may be in Windows-1252",
    bytes: hex("4a fc 0a 53 65 72 76 75 73 2c 20 e4 0a"),
    messages: [{ type: "name", name: "Jü" }, ...texts("Servus, ä")],
  },
  {
    outcome: "a name of 64 UTF-16 units passes, spaces around it don't count",
    bytes: utf8(`  ${"😀".repeat(32)}  \n`),
    messages: [{ type: "name", name: "😀".repeat(32) }],
  },
  {
    outcome: "a name of 65 units is bad",
    bytes: utf8("a".repeat(65) + "\n"),
    messages: [],
    code: "invalid-name",
  },
  { outcome: "an empty name is bad", bytes: utf8("\n"), messages: [], code: "invalid-name" },
  {
    outcome: "a name of spaces is bad",
    bytes: utf8(" \t \r\n"),
    messages: [],
    code: "invalid-name",
  },
  {
    outcome: "a first byte 0xFF is another dialect, noticed at once",
    bytes: hex("ff"),
    messages: [],
    code: "not-classic",
  },
  {
    outcome: "the dialect's preamble is not mistaken for a name",
    bytes: hex("ff 4d 49 4d 32 0a"),
    messages: [],
    code: "not-classic",
  },
  {
    outcome: "0xFF further on is a letter",
    bytes: hex("41 ff 0a ff 0a"),
    messages: [{ type: "name", name: "Aÿ" }, ...texts("ÿ")],
  },
  {
    outcome: "an end within the name is truncated",
    bytes: utf8("ad"),
    messages: [],
    code: "truncated",
  },
  {
    outcome: "an end within a line is truncated",
    bytes: utf8("ada\nhel"),
    messages: [{ type: "name", name: "ada" }],
    code: "truncated",
  },
]);

testVectors(callee, [
  { outcome: "one that says nothing has said nothing", bytes: utf8(""), messages: [] },
  {
    outcome: "all its lines are chat",
    bytes: utf8("bob\nhello\n\n"),
    messages: texts("bob", "hello", ""),
  },
  {
    outcome: "a first byte 0xFF is another dialect",
    bytes: hex("ff0a"),
    messages: [],
    code: "not-classic",
  },
  {
    outcome: "an end within a line is truncated",
    bytes: utf8("a\nb"),
    messages: texts("a"),
    code: "truncated",
  },
]);

const anyLines = fc.array(anyLine(20), { maxLength: 6 });
testAnyBytes(
  caller,
  fc.tuple(anyLine(20), anyLines).map(([name, lines]) => join(...[name, ...lines].map(encodeLine))),
);
testAnyBytes(callee, anyLines.map((lines) => join(...lines.map(encodeLine))));

test("chat: what one side says the other one hears, either way", () => {
  fc.assert(fc.property(anyLines, (lines) => {
    const bytes = join(...lines.map(encodeLine));
    assertEquals(decode(new ChatDecoder("callee"), [bytes]).messages, texts(...lines));
    assertEquals(decode(new ChatDecoder("caller"), [join(utf8("ada\n"), bytes)]).messages, [
      { type: "name", name: "ada" },
      ...texts(...lines),
    ]);
  }));
});

test("chat: a line over 64 KiB is too long, for name and chat alike", () => {
  const longest = "a".repeat(limits.lineBytes);
  for (const peer of ["caller", "callee"] as const) {
    const { code } = decode(new ChatDecoder(peer), [utf8(`${longest}aa`)]);
    assertEquals(code, "line-too-long");
  }
  const { messages, code } = decode(new ChatDecoder("caller"), [
    utf8(`ada\n${longest}\n${longest}a\n`),
  ]);
  assertEquals(messages.length, 2);
  assertEquals(code, "line-too-long");
});

test("chat: a decoder's first piece may be empty", () => {
  const { code } = decode(new ChatDecoder("caller"), [hex(""), hex("ff")]);
  assertEquals(code, "not-classic");
});
