import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  createRoomEntry,
  decodeRoomBody,
  decodeRoomHeader,
  decodeRoomMessage,
  encodeRoomBody,
  encodeRoomHeader,
  encodeRoomMessage,
  hashRoomHeader,
  identityOf,
  isRoomEntryValid,
  limits,
  ProtocolError,
  type RoomBody,
  type RoomHeader,
  roomKinds,
} from "../../../../protocol/mod.ts";
import { assertCode, hex, join, test } from "../../../fixtures/decoding.ts";
import { anyRoomBody, anyRoomHeader, anyRoomMessage } from "../../../fixtures/room_entries.ts";

const PRIVATE = new Uint8Array(32).fill(1);
const bytes = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const SALT = bytes(0xaa, 16);

const HEADER: RoomHeader = {
  room: bytes(1),
  author: identityOf(PRIVATE),
  device: bytes(3, 8),
  count: 5,
  membership: [bytes(4)],
  talk: [bytes(5), bytes(6)],
  at: 7,
  kind: roomKinds.text,
  bodyLength: 26,
  bodyHash: bytes(8),
};

const kindOf = (body: RoomBody): number => body.type === "other" ? body.kind : roomKinds[body.type];

test("rooms: headers, bodies and messages are read as they were written", () => {
  fc.assert(fc.property(anyRoomHeader, (header) => {
    assertEquals(decodeRoomHeader(encodeRoomHeader(header)), header);
  }));
  fc.assert(fc.property(anyRoomBody, (body) => {
    const written = encodeRoomBody(body, SALT);
    assertEquals(decodeRoomBody(kindOf(body), written), body);
    if (body.type !== "other") {
      assertEquals(decodeRoomBody(kindOf(body), join(written, hex("0102"))), body);
    }
  }));
  fc.assert(fc.property(anyRoomMessage, (message) => {
    assertEquals(decodeRoomMessage(encodeRoomMessage(message)), message);
  }));
});

test("rooms: a header has one encoding", () => {
  const good = encodeRoomHeader(HEADER);
  for (let end = 0; end < good.length; end++) {
    assertCode("overrun", () => decodeRoomHeader(good.subarray(0, end)));
  }
  assertCode("bad-field", () => decodeRoomHeader(join(good, bytes(0, 1))));
  const first = encodeRoomHeader({
    ...HEADER,
    ...{ kind: roomKinds.create, room: bytes(0, 0), count: 0, membership: [], talk: [] },
  });
  decodeRoomHeader(first);
  // Qt's null array is an empty one elsewhere.
  const asNull = first.slice();
  asNull.set(hex("ffffffff"), 1);
  assertCode("bad-field", () => decodeRoomHeader(asNull));
});

test("rooms: a header that contradicts itself is refused, and never written", () => {
  const many = Array.from({ length: 9 }, (_, at) => bytes(at));
  const wrong: Partial<RoomHeader>[] = [
    { membership: [], talk: [], kind: roomKinds.join },
    { room: bytes(0, 0) },
    { kind: roomKinds.create },
    { kind: roomKinds.join },
    { kind: roomKinds.role },
    { membership: many },
    { talk: many },
    { talk: [bytes(6), bytes(5)] },
    { talk: [bytes(5), bytes(5)] },
    { bodyLength: 15 },
    { bodyLength: limits.roomEntryBytes },
    { author: bytes(1, 31) },
    { device: bytes(1, 9) },
    { at: limits.timeMs + 1 },
    { count: -1 },
  ];
  for (const part of wrong) {
    assertThrows(() => encodeRoomHeader({ ...HEADER, ...part }), RangeError);
  }
  // The lists stand at these places: 1 + 36 + 36 + 12 + 4, and 37 further on.
  const good = encodeRoomHeader(HEADER);
  for (const [at, byte] of [[0, 2], [89, 9], [126, 3], [126, 9], [199, 0xff]] as const) {
    const bad = good.slice();
    bad[at] = byte;
    assertThrows(() => decodeRoomHeader(bad), ProtocolError);
  }
  const swapped = good.slice();
  swapped.set(good.subarray(163, 199), 127);
  swapped.set(good.subarray(127, 163), 163);
  assertCode("bad-field", () => decodeRoomHeader(swapped));
});

test("rooms: an entry is valid with its author's signature and its own body alone", () => {
  const body = encodeRoomBody({ type: "text", replyTo: bytes(0, 0), text: "hi" }, SALT);
  const entry = createRoomEntry(HEADER, body, PRIVATE);
  const header = decodeRoomHeader(entry.header);
  assert(isRoomEntryValid(entry, header));
  assert(isRoomEntryValid({ ...entry, body: undefined }, header));
  const other = encodeRoomBody({ type: "text", replyTo: bytes(0, 0), text: "ho" }, SALT);
  assert(!isRoomEntryValid({ ...entry, body: other }, header));
  assert(!isRoomEntryValid({ ...entry, body: body.subarray(1) }, header));
  assert(!isRoomEntryValid({ ...entry, signature: bytes(0, 64) }, header));
  const changed = encodeRoomHeader({ ...header, at: 8 });
  assert(!isRoomEntryValid({ ...entry, header: changed }, decodeRoomHeader(changed)));
  const forged = createRoomEntry(HEADER, body, bytes(2));
  assert(!isRoomEntryValid(forged, decodeRoomHeader(forged.header)));
  assertEquals(hashRoomHeader(entry.header).length, 32);
});

test("rooms: a name that nobody may have stands in no body", () => {
  for (
    const name of [
      "",
      " ",
      "a b",
      "#a",
      "Lobby",
      "lab~8e38",
      "lab~8E38",
      "a\u202e",
      "x".repeat(65),
      " a",
    ]
  ) {
    const policy = { membersInvite: true, showsPast: true };
    assertThrows(() => {
      const written = encodeRoomBody({ type: "create", name, ...policy }, SALT);
      decodeRoomBody(roomKinds.create, written);
    }, RangeError);
  }
  const written = encodeRoomBody({ type: "invite", identity: bytes(2), name: "bob" }, SALT);
  written[written.length - 1] = 0x0a;
  assertCode("invalid-name", () => decodeRoomBody(roomKinds.invite, written));
});

test("rooms: a message with too much is refused before any of it is kept", () => {
  const room = bytes(1);
  const query = encodeRoomMessage({ type: "room-query", room, hashes: [] });
  query.set(hex("0101"), query.length - 2);
  assertCode("bad-field", () => decodeRoomMessage(query));
  const membershipHash = bytes(2);
  const summary = encodeRoomMessage(
    { type: "room-summary", room, part: 0, parts: 1, membershipHash, rows: [] },
  );
  summary.set(hex("03e9"), summary.length - 2);
  assertCode("bad-field", () => decodeRoomMessage(summary));
  assertCode("bad-field", () => decodeRoomMessage(join(hex("47 00000fff"), bytes(0, 4095))));
});
