import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  ClientDecoder,
  type ClientMessage,
  decodeAnyLogin,
  decodeLogin,
  DecoderStream,
  encodeClientMessage,
  encodeLogin,
  encodeMim2Login,
  type Mim2Login,
} from "../../../protocol/mod.ts";
import { anyAddresses, anyBytes, anyStatus } from "../../fixtures/messages.ts";
import {
  assertCode,
  decode,
  hex,
  join,
  test,
  testAnyBytes,
  testVectors,
} from "../../fixtures/decoding.ts";

const client = {
  name: "client",
  decoder: () => new ClientDecoder(),
  stream: () => new DecoderStream(new ClientDecoder()),
  tail: hex("00"),
};

const login: Mim2Login = {
  name: "bob",
  port: 4242,
  identity: new Uint8Array(32).fill(1),
  signature: new Uint8Array(64).fill(2),
  clientNonce: new Uint8Array(32).fill(3),
  capabilities: 0,
  availability: "away",
  status: "tea",
  addresses: ["::1"],
};
const classicFields = hex("1092 00000006 0062006f0062");
const keys = [
  hex("00000020" + "01".repeat(32)),
  hex("00000040" + "02".repeat(64)),
  hex("00000020" + "03".repeat(32)),
];
const statusFields = hex("01 00000006 007400650061");
const loginBody = join(
  classicFields,
  2,
  ...keys,
  hex("00000000"),
  statusFields,
  hex("00000001 00000006 003a003a0031"),
);
const block = (body: Uint8Array): Uint8Array => join(body.length >> 8, body.length & 0xff, body);
const said: ClientMessage = { type: "login", login };
const session = hex("0102030405060708");

const anyMim2Login: fc.Arbitrary<Mim2Login> = fc.record({
  name: fc.string({ maxLength: 64 }),
  port: fc.nat(0xffff),
  identity: anyBytes(32),
  signature: anyBytes(64),
  clientNonce: anyBytes(32),
  capabilities: fc.nat(0xffff_ffff),
  ...anyStatus,
  addresses: anyAddresses,
});
const anyMessage: fc.Arbitrary<Exclude<ClientMessage, { type: "login" }>> = fc.oneof(
  fc.record({ type: fc.constant("status" as const), ...anyStatus }),
  fc.record({
    type: fc.constantFrom("ping" as const, "pong" as const),
    token: fc.nat(0xffff_ffff),
  }),
  fc.record({
    type: fc.constantFrom("call-me" as const, "unreachable" as const),
    session: anyBytes(8),
  }),
);

testVectors<ClientMessage>(client, [
  { outcome: "no bytes are no login", bytes: hex(""), messages: [] },
  {
    outcome: "a classic login is one",
    bytes: block(classicFields),
    messages: [{ type: "login", login: { name: "bob", port: 4242 } }],
  },
  {
    outcome: "a classic client says nothing after its login",
    bytes: join(block(classicFields), block(hex("50 00000001"))),
    messages: [{ type: "login", login: { name: "bob", port: 4242 } }],
    code: "second-login",
  },
  {
    outcome: "a login whose version is below 2 is a classic one",
    bytes: block(join(classicFields, 1, 2, 3)),
    messages: [{ type: "login", login: { name: "bob", port: 4242 } }],
  },
  { outcome: "a MIM/2 login is one", bytes: block(loginBody), messages: [said] },
  {
    outcome: "a later version's login is read as this version's, its further fields skipped",
    bytes: block(join(classicFields, 3, loginBody.subarray(classicFields.length + 1), 9, 9)),
    messages: [said],
  },
  {
    outcome: "all messages after a MIM/2 login are read, unknown types and fields skipped",
    bytes: join(
      block(loginBody),
      block(join(0x55, statusFields)),
      block(hex("7a 01")),
      block(hex("50 00000007 ff")),
      block(hex("70 ffffffff")),
      block(join(0x43, hex("00000008"), session)),
      block(join(0x58, hex("00000008"), session)),
    ),
    messages: [
      said,
      { type: "status", availability: "away", status: "tea" },
      { type: "ping", token: 7 },
      { type: "pong", token: 0xffff_ffff },
      { type: "call-me", session },
      { type: "unreachable", session },
    ],
  },
  {
    outcome: "an availability of a later version is online",
    bytes: join(block(loginBody), block(hex("55 09 00000000"))),
    messages: [said, { type: "status", availability: "online", status: "" }],
  },
  {
    outcome: "a session of another length is a bad field",
    bytes: join(block(loginBody), block(hex("43 00000007 01020304050607"))),
    messages: [said],
    code: "bad-field",
  },
  {
    outcome: "a session longer than any is a bad field, whatever the block holds",
    bytes: join(block(loginBody), block(hex("43 fffffffe"))),
    messages: [said],
    code: "bad-field",
  },
  {
    outcome: "an empty block is an overrun",
    bytes: join(block(loginBody), hex("0000")),
    messages: [said],
    code: "overrun",
  },
  {
    outcome: "a status that is too long is a bad field",
    bytes: join(block(loginBody), block(join(hex("55 00 00000202"), new Uint8Array(514)))),
    messages: [said],
    code: "bad-field",
  },
  {
    outcome: "a block over 4 KiB is an error, its body not awaited",
    bytes: join(block(loginBody), hex("1001")),
    messages: [said],
    code: "block-too-long",
  },
  {
    outcome: "an end within a message is truncated",
    bytes: join(block(loginBody), hex("0005 50")),
    messages: [said],
    code: "truncated",
  },
]);

testAnyBytes(
  client,
  fc.tuple(anyMim2Login, fc.array(anyMessage, { maxLength: 4 })).map(([login, messages]) =>
    join(encodeMim2Login(login), ...messages.map(encodeClientMessage))
  ),
);

test("mim2 login: what goes out is the classic login, and the fields behind it", () => {
  assertEquals(encodeMim2Login(login), block(loginBody));
});

test("mim2 login: any login and message arrive as they were sent", () => {
  fc.assert(fc.property(anyMim2Login, fc.array(anyMessage), (login, messages) => {
    const bytes = join(encodeMim2Login(login), ...messages.map(encodeClientMessage));
    assertEquals(decode(new ClientDecoder(), [bytes]), {
      messages: [{ type: "login", login }, ...messages],
      code: undefined,
    });
  }));
});

test("mim2 login: a classic server reads name and port, and a classic login is read as before", () => {
  fc.assert(fc.property(anyMim2Login, (login) => {
    const classic = { name: login.name, port: login.port };
    assertEquals(decodeLogin(encodeMim2Login(login).subarray(2)), classic);
    assertEquals(decodeAnyLogin(encodeLogin(classic).subarray(2)), classic);
  }));
});

test("mim2 login: cut off anywhere behind its version it is an overrun", () => {
  for (let end = classicFields.length + 1; end < loginBody.length; end++) {
    assertCode("overrun", () => decodeAnyLogin(loginBody.subarray(0, end)));
  }
});

test("mim2 login: more addresses than allowed are refused before any is read", () => {
  const before = loginBody.subarray(0, -14);
  assertCode("bad-field", () => decodeAnyLogin(join(before, hex("00000011"))));
  assertCode("bad-field", () => decodeAnyLogin(join(before, hex("ffffffff"))));
  assertCode("bad-field", () => decodeAnyLogin(join(before, hex("00000001 00000082"))));
});

test("mim2 login: what a server would refuse does not go out", () => {
  const wrong: readonly Partial<Mim2Login>[] = [
    { identity: new Uint8Array(31) },
    { signature: new Uint8Array(0) },
    { clientNonce: new Uint8Array(33) },
    { capabilities: -1 },
    { status: "a".repeat(257) },
    { addresses: Array.from({ length: 17 }, () => "::1") },
    { addresses: ["a".repeat(65)] },
    { name: "a".repeat(2_048) },
  ];
  for (const part of wrong) {
    assertThrows(() => encodeMim2Login({ ...login, ...part }), RangeError, "expected");
  }
  const session = new Uint8Array(7);
  assertThrows(() => encodeClientMessage({ type: "call-me", session }), RangeError, "8 bytes");
});
