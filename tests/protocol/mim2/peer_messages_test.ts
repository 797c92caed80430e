import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type ActionKind,
  decodePeerMessage,
  encodePeerMessage,
  encodePreamble,
  type PeerMessage,
  type Preamble,
  PreambleDecoder,
  ProtocolError,
} from "../../../protocol/mod.ts";
import { anyChatMessage } from "../../fixtures/messages.ts";
import {
  assertCode,
  byteByByte,
  cutAt,
  decode,
  hex,
  join,
  test,
  utf8,
} from "../../fixtures/decoding.ts";

const id = hex("0102030405060708");
const other = hex("1112131415161718");

const messages: readonly (readonly [string, PeerMessage])[] = [
  [
    "54 00000008 0102030405060708 0000019876543210 00000006 0061000a0062 00000000",
    { type: "text", id, sentAt: 0x0198_7654_3210, text: "a\nb" },
  ],
  [
    "54 00000008 0102030405060708 0000019876543210 00000002 0061 00000009 01 1112131415161718",
    {
      type: "text",
      id,
      sentAt: 0x0198_7654_3210,
      text: "a",
      reply: { whose: "reader", id: other },
    },
  ],
  [
    "4d 00000008 0102030405060708 0000019876543210 01 00000009 00 1112131415161718 00000002 0061",
    {
      ...{ type: "action", id, sentAt: 0x0198_7654_3210, action: "edit", body: "a" },
      target: { whose: "sender", id: other },
    },
  ],
  ["4e 00000008 0102030405060708", { type: "seen", id }],
  ["4b 00000008 0102030405060708", { type: "received", id }],
  ["59 01", { type: "typing", typing: true }],
  ["59 00", { type: "typing", typing: false }],
  ["56", { type: "verified" }],
  ["42 00", { type: "bye", reason: 0 }],
  ["42 01", { type: "bye", reason: 1 }],
  ["42 02", { type: "bye", reason: 2 }],
  ["42 03", { type: "bye", reason: 3 }],
  ["42 04", { type: "bye", reason: 4 }],
];

test("mim2 chat: messages are written and read as they stand here, further fields skipped", () => {
  for (const [bytes, message] of messages) {
    assertEquals(encodePeerMessage(message), hex(bytes));
    assertEquals(decodePeerMessage(hex(bytes)), message);
    assertEquals(decodePeerMessage(hex(bytes + "ffff")), message);
    for (let end = 0; end < hex(bytes).length; end++) {
      if (end === beforeReply(message)) continue;
      assertCode("overrun", () => decodePeerMessage(hex(bytes).subarray(0, end)));
    }
  }
});

/** The length of a text of an earlier version. */
function beforeReply(message: PeerMessage): number | undefined {
  return message.type === "text" ? 1 + 12 + 8 + 4 + 2 * message.text.length : undefined;
}

test("mim2 chat: a text of an earlier version ends before what it answers", () => {
  const text = hex("54 00000008 0102030405060708 0000000000000001 00000002 0061");
  assertEquals(decodePeerMessage(text), { type: "text", id, sentAt: 1, text: "a" });
});

const HEAD = "4d 00000008 0102030405060708 0000000000000001";

test("mim2 chat: an action of an unknown kind is skipped, one without a fitting target refused", () => {
  const target = "00000009 00 1112131415161718";
  for (const kind of ["00", "05", "ff"]) {
    assertEquals(decodePeerMessage(hex(`${HEAD} ${kind} ${target} 00000000`)), undefined);
  }
  const wrong = [
    "00000000", // none
    "00000008 1112131415161718",
    "00000009 02 1112131415161718", // whose is neither
    "00000020 " + "11".repeat(32), // of a room
  ];
  for (const target of wrong) {
    assertCode("bad-field", () => decodePeerMessage(hex(`${HEAD} 01 ${target} 00000000`)));
  }
});

test("mim2 chat: the body of an action is as long as its kind allows", () => {
  const target = { whose: "sender", id: other } as const;
  const action = (action: ActionKind, body: string): PeerMessage => (
    { type: "action", id, sentAt: 1, action, target, body }
  );
  const cases = [["edit", 16_384], ["delete", 0], ["react", 32], ["unreact", 32]] as const;
  for (const [kind, most] of cases) {
    const longest = action(kind, "a".repeat(most));
    assertEquals(decodePeerMessage(encodePeerMessage(longest)), longest);
    assertThrows(() => encodePeerMessage(action(kind, "a".repeat(most + 1))), RangeError);
    const number = { edit: "01", delete: "02", react: "03", unreact: "04" }[kind];
    const size = (2 * (most + 1)).toString(16).padStart(8, "0");
    const body = "0061".repeat(most + 1);
    const bytes = hex(`${HEAD} ${number} 00000009 00 1112131415161718 ${size} ${body}`);
    assertCode("bad-field", () => decodePeerMessage(bytes));
  }
});

test("mim2 chat: a message of an unknown type is skipped, an empty one is no message", () => {
  const known = new Set([0x54, 0x4d, 0x4e, 0x4b, 0x59, 0x56, 0x42]);
  for (let type = 0; type <= 0xff; type++) {
    if (!known.has(type)) assertEquals(decodePeerMessage(Uint8Array.of(type)), undefined);
  }
  assertCode("overrun", () => decodePeerMessage(hex("")));
});

test("mim2 chat: a reason of a later version is read as none", () => {
  for (let code = 5; code <= 0xff; code++) {
    assertEquals(decodePeerMessage(Uint8Array.of(0x42, code)), { type: "bye", reason: 0 });
  }
});

test("mim2 chat: any message arrives as it was sent", () => {
  fc.assert(fc.property(anyChatMessage, (message) => {
    assertEquals(decodePeerMessage(encodePeerMessage(message)), message);
  }));
});

test("mim2 chat: any bytes give a message, nothing or a protocol error", () => {
  const type = fc.constantFrom(0x54, 0x4d, 0x4e, 0x4b, 0x59, 0x42);
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.tuple(type, fc.uint8Array({ maxLength: 64 })).map(([type, rest]) => join(type, rest)),
  );
  fc.assert(
    fc.property(bytes, (bytes) => {
      try {
        decodePeerMessage(bytes);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
      }
    }),
    { numRuns: 10_000 },
  );
});

test("mim2 chat: a text has at most 16 KiB as UTF-8, held against its length first", () => {
  const text = (text: string): PeerMessage => ({ type: "text", id, sentAt: 0, text });
  for (const longest of ["a".repeat(16_384), "é".repeat(8_192), "😀".repeat(4_096)]) {
    assertEquals(decodePeerMessage(encodePeerMessage(text(longest))), text(longest));
    assertThrows(() => encodePeerMessage(text(longest + "a")), RangeError, "16384");
    const head = join(hex("54 00000008 0102030405060708 0000000000000000"));
    const units = join(...Array.from(longest + "a", (c) => utf16(c)));
    const size = join(hex(units.length.toString(16).padStart(8, "0")));
    assertCode("bad-field", () => decodePeerMessage(join(head, size, units)));
    assertCode("bad-field", () => decodePeerMessage(join(head, hex("fffffffe"))));
  }
});

function utf16(text: string): Uint8Array {
  return join(...Array.from({ length: text.length }, (_, at) => {
    const unit = text.charCodeAt(at);
    return Uint8Array.of(unit >> 8, unit & 0xff);
  }));
}

test("mim2 chat: what doesn't fit does not go out", () => {
  const wrong: readonly PeerMessage[] = [
    { type: "text", id: hex("01"), sentAt: 0, text: "" },
    { type: "text", id, sentAt: -1, text: "" },
    { type: "received", id: new Uint8Array(9) },
  ];
  for (const message of wrong) {
    assertThrows(() => encodePeerMessage(message), RangeError, "expected");
  }
});

/** How bytes open a connection, and what is left of them. */
function open(pieces: readonly Uint8Array[]): { opening: Preamble; rest: Uint8Array } | undefined {
  const decoder = new PreambleDecoder();
  for (const [at, piece] of pieces.entries()) {
    for (const opening of decoder.push(piece)) {
      return { opening, rest: join(decoder.rest ?? hex(""), ...pieces.slice(at + 1)) };
    }
    assertEquals(decoder.rest, undefined);
  }
  assertCode("truncated", () => decoder.end());
  return undefined;
}

test("opening: chat, probe and classic are told apart, however the bytes arrive", () => {
  const behind = utf8("\u0000behind");
  const cases = [
    { opening: "chat", bytes: join(hex("ff4d494d320a"), behind), rest: behind },
    { opening: "probe", bytes: join(hex("ff4d494d3f0a"), behind), rest: behind },
    { opening: "classic", bytes: utf8("ada\nhello\n"), rest: utf8("ada\nhello\n") },
    { opening: "classic", bytes: hex("00"), rest: hex("00") },
  ] as const;
  for (const { opening, bytes, rest } of cases) {
    assertEquals(open([bytes]), { opening, rest });
    assertEquals(open([hex(""), ...byteByByte(bytes)]), { opening, rest });
    for (let at = 0; at <= bytes.length; at++) {
      assertEquals(open(cutAt(bytes, [at])), { opening, rest });
    }
  }
  for (let end = 0; end < 6; end++) {
    assertEquals(open([hex("ff4d494d320a").subarray(0, end)]), undefined);
  }
});

test("opening: what goes out is six bytes", () => {
  assertEquals(encodePreamble("chat"), join(0xff, utf8("MIM2\n")));
  assertEquals(encodePreamble("probe"), join(0xff, utf8("MIM?\n")));
});

test("opening: 0xFF and anything else is refused at the first byte that fits no opening", () => {
  for (const [opening, length] of [["ff00", 2], ["ff4d494d33", 5], ["ff4d494d320b", 6]] as const) {
    const bytes = hex(opening);
    assertEquals(open([bytes.subarray(0, length - 1)]), undefined);
    const outcome = decode(new PreambleDecoder(), [bytes]);
    assertEquals(outcome, { messages: [], code: "unknown-opening" });
    assertEquals(decode(new PreambleDecoder(), byteByByte(bytes)), outcome);
  }
});
