import { assertEquals, assertThrows } from "@std/assert";
import {
  createRotation,
  decodeLinkClientMessage,
  decodeLinkLogin,
  decodeLinkNotice,
  decodeLinkUpdate,
  encodeLinkClientMessage,
  encodeLinkLogin,
  encodeLinkNotice,
  encodeLinkUpdate,
  identityOf,
  isLoginSigned,
  type LinkClientMessage,
  type LinkEntry,
  type LinkLogin,
  type LinkNotice,
  type LinkUpdate,
  QDataStreamWriter,
} from "../../../../protocol/mod.ts";
import { createSignature } from "../../../../protocol/mod.ts";
import { testBodies } from "../../../fixtures/bodies.ts";
import { assertCode, test } from "../../../fixtures/decoding.ts";
import {
  anyLinkClientMessage,
  anyLinkLogin,
  anyLinkNotice,
  anyLinkUpdate,
  anyRotatedLogin,
} from "../../../fixtures/link_messages.ts";

testBodies<LinkLogin>({
  name: "link login",
  encode: encodeLinkLogin,
  decode: decodeLinkLogin,
  any: anyLinkLogin,
  shorter: (login) => encodeLinkLogin(login).slice(0, -1), // without the number of rotations
});
testBodies<LinkLogin>({
  name: "link login with rotations",
  encode: encodeLinkLogin,
  decode: decodeLinkLogin,
  any: anyRotatedLogin,
  shorter: (login) => encodeLinkLogin({ ...login, rotations: [] }).slice(0, -1),
});

test("link login: one without the number of rotations has none, over eight are refused", () => {
  const login: LinkLogin = {
    ...{ name: "ada", port: 1, identity: new Uint8Array(32), signature: new Uint8Array(64) },
    ...{ capabilities: 0, availability: "online", status: "", addresses: [] },
    previousSession: new Uint8Array(),
  };
  const bytes = encodeLinkLogin(login);
  assertEquals(decodeLinkLogin(bytes.slice(0, -1)), login);
  bytes[bytes.length - 1] = 9;
  assertCode("bad-field", () => decodeLinkLogin(bytes));
  const rotation = createRotation(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2), 3);
  const rotations = Array.from({ length: 9 }, () => rotation);
  assertThrows(() => encodeLinkLogin({ ...login, rotations }), RangeError, "at most 8 rotations");
});
testBodies<LinkClientMessage>({
  name: "link messages of clients",
  encode: encodeLinkClientMessage,
  decode: decodeLinkClientMessage,
  any: anyLinkClientMessage,
});
testBodies<LinkUpdate>({
  name: "link updates",
  encode: encodeLinkUpdate,
  decode: decodeLinkUpdate,
  any: anyLinkUpdate,
});
testBodies<LinkNotice>({
  name: "link notices",
  encode: encodeLinkNotice,
  decode: decodeLinkNotice,
  any: anyLinkNotice,
});

const LOGIN: LinkLogin = {
  name: "ada",
  port: 4242,
  identity: new Uint8Array(32),
  signature: new Uint8Array(64),
  capabilities: 0,
  availability: "online",
  status: "",
  addresses: [],
  previousSession: new Uint8Array(),
};
const ENTRY: LinkEntry = {
  name: "ada",
  address: "192.0.2.7",
  port: 50_000,
  session: new Uint8Array(8),
  identity: new Uint8Array(32),
  capabilities: 0,
  certificate: undefined,
  availability: "online",
  status: "",
  reachability: "unknown",
  addresses: [],
};

test("link messages: an unknown type is skipped, an empty body is an overrun", () => {
  for (const decode of [decodeLinkClientMessage, decodeLinkUpdate, decodeLinkNotice]) {
    assertEquals(decode(Uint8Array.of(0x7f, 1, 2)), undefined);
    assertCode("overrun", () => decode(new Uint8Array()));
  }
});

test("link login: a version before the second is an error, a later one is read", () => {
  const body = encodeLinkLogin(LOGIN);
  const at = 2 + 4 + 6;
  assertCode("bad-field", () => decodeLinkLogin(body.with(at, 1)));
  assertEquals(decodeLinkLogin(body.with(at, 3)), LOGIN);
});

test("link login: it is signed for its connection, port and name", () => {
  const key = new Uint8Array(32).fill(1);
  const handshakeHash = new Uint8Array(32).fill(2);
  const statement = { type: "login", handshakeHash, port: LOGIN.port, name: LOGIN.name } as const;
  const signature = createSignature(statement, key);
  const login = { ...LOGIN, identity: identityOf(key), signature };
  assertEquals(isLoginSigned(login, handshakeHash), true);
  assertEquals(isLoginSigned(login, new Uint8Array(32)), false);
  assertEquals(isLoginSigned({ ...login, port: 1 }, handshakeHash), false);
  assertEquals(isLoginSigned({ ...login, name: "eve" }, handshakeHash), false);
  assertEquals(isLoginSigned({ ...login, identity: new Uint8Array(32) }, handshakeHash), false);
});

test("link rows: a status has at most 256 bytes of UTF-8, held against its length first", () => {
  for (const status of ["x".repeat(256), "é".repeat(128), "😀".repeat(64)]) {
    const update = { type: "add", entry: { ...ENTRY, status } } as const;
    assertEquals(decodeLinkUpdate(encodeLinkUpdate(update)), update);
    assertThrows(
      () => encodeLinkUpdate({ type: "add", entry: { ...ENTRY, status: `${status}x` } }),
      RangeError,
      "got 257",
    );
  }
  const body = new QDataStreamWriter().quint8(0x55).quint8(0).qstring("é".repeat(129)).bytes();
  assertCode("bad-field", () => decodeLinkClientMessage(body));
  const hostile = new QDataStreamWriter().quint8(0x55).quint8(0).quint32(0x7fff_fffe).bytes();
  assertCode("bad-field", () => decodeLinkClientMessage(hostile));
});

test("link rows: addresses are addresses, and at most four of them", () => {
  for (const address of ["", "evil.example", "127.1", "192.0.2.7 ", "[::1]"]) {
    assertThrows(() => encodeLinkUpdate({ type: "add", entry: { ...ENTRY, address } }), RangeError);
    assertThrows(() => encodeLinkLogin({ ...LOGIN, addresses: [address] }), RangeError);
    const writer = new QDataStreamWriter().quint8(0x41).qbytearray(new Uint8Array(8));
    const body = writer.qstring("eve").qstring(address).bytes();
    assertCode("bad-field", () => decodeLinkUpdate(body));
  }
  const addresses = Array.from({ length: 5 }, () => "::1");
  assertThrows(() => encodeLinkLogin({ ...LOGIN, addresses }), RangeError, "got 5");
  const change = new QDataStreamWriter().quint8(0x55).qbytearray(new Uint8Array(8)).quint8(32);
  assertCode("bad-field", () => decodeLinkUpdate(change.quint32(0xffff_ffff).bytes()));
});

test("link rows: names over 64 units are refused", () => {
  const entry = { ...ENTRY, name: "a".repeat(65) };
  assertThrows(() => encodeLinkUpdate({ type: "add", entry }), RangeError);
  const writer = new QDataStreamWriter().quint8(0x41).qbytearray(new Uint8Array(8));
  assertCode("bad-field", () => decodeLinkUpdate(writer.qstring(entry.name).bytes()));
});

test("link rows: a change holds only what it changes", () => {
  const session = new Uint8Array(8);
  const length = (details: Partial<LinkEntry>) =>
    encodeLinkUpdate({ type: "change", session, details }).length;
  const none = 1 + 12 + 1;
  assertEquals(length({}), none);
  assertEquals(length({ availability: "away" }), none + 1);
  assertEquals(length({ reachability: "reachable" }), none + 1);
  assertEquals(length({ status: "tea" }), none + 10);
  assertEquals(length({ certificate: undefined }), none + 20, "a certificate is taken back");
  const details = { availability: "busy", status: "tea" } as const;
  const update = { type: "change", session, details } as const;
  assertEquals(decodeLinkUpdate(encodeLinkUpdate(update)), update);
});

test("link messages: a time that no Date can have is an error", () => {
  const signature = new Uint8Array(64);
  for (const times of [{ claimed: 8.64e15 + 1, issued: 1 }, { claimed: 1, issued: 8.64e15 + 1 }]) {
    const entry = { ...ENTRY, certificate: { ...times, signature } };
    assertThrows(() => encodeLinkUpdate({ type: "add", entry }), RangeError);
  }
  const change = new QDataStreamWriter().quint8(0x55).qbytearray(new Uint8Array(8)).quint8(2);
  const body = change.quint64(8.64e15 + 1).quint64(0).quint32(0).bytes();
  assertCode("bad-field", () => decodeLinkUpdate(body));
});

test("link notices: a login is accepted with a secret, or without one for a client that watches", () => {
  const accepted = {
    type: "accepted",
    session: new Uint8Array(8),
    signature: new Uint8Array(64),
    address: "::1",
    pingSeconds: 30,
    serverTime: 5,
    epoch: 1,
    secret: new Uint8Array(32),
    isWatching: false,
    isAdmin: true,
  } as const;
  const body = encodeLinkNotice(accepted);
  assertCode("bad-field", () => decodeLinkNotice(body.with(body.length - 1, 1)));
  assertThrows(() => encodeLinkNotice({ ...accepted, secret: new Uint8Array() }), RangeError);
});
