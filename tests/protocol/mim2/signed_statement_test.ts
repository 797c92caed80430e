import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  createSignature,
  encodeSignedStatement,
  identityOf,
  isSignatureValid,
  type SignedStatement,
} from "../../../protocol/mod.ts";
import { ed25519Verify } from "../../../protocol/crypto/signatures_and_ciphers.ts";
import { test } from "../../fixtures/decoding.ts";

const PRIVATE = new Uint8Array(32).fill(1);
const KEY = identityOf(PRIVATE);
const bytes = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);

/** One of each type, and the bytes that are signed behind its words. */
const STATEMENTS: readonly (readonly [SignedStatement, string])[] = [
  [{ type: "static", staticKey: bytes(2) }, "02".repeat(32)],
  [
    { type: "login", handshakeHash: bytes(3), port: 4242, name: "bob" },
    "03".repeat(32) + "1092" + "626f62",
  ],
  [
    { type: "server", handshakeHash: bytes(3), session: bytes(4, 8) },
    "03".repeat(32) + "04".repeat(8),
  ],
  [
    { type: "name", claimed: 1, issued: 258, identity: bytes(5), name: "é" },
    "0000000000000001" + "0000000000000102" + "05".repeat(32) + "c3a9",
  ],
  [
    { type: "noise", role: "initiator", preamble: "chat", staticKey: bytes(6) },
    "00" + "ff4d494d320a" + "06".repeat(32),
  ],
  [
    { type: "noise", role: "responder", preamble: "file", staticKey: bytes(6) },
    "01" + "ff4d494d460a" + "06".repeat(32),
  ],
  [
    { type: "rotate", oldKey: bytes(7), newKey: bytes(8), rotatedAt: 3 },
    "07".repeat(32) + "08".repeat(32) + "0000000000000003",
  ],
  [
    { type: "log", epoch: 1, number: 2, chain: bytes(9) },
    "00000001" + "0000000000000002" + "09".repeat(32),
  ],
  [{ type: "room", header: bytes(10, 3) }, "0a0a0a"],
  [
    { type: "claim", claimed: 1, used: 2, identity: bytes(11), name: "bob" },
    "0000000000000001" + "0000000000000002" + "00000020" + "0b".repeat(32) + "626f62",
  ],
  [
    { type: "ban", number: 1, isBanned: true, kind: "names", who: "bob" },
    "0000000000000001" + "01" + "0000000a" + "006e0061006d00650073" + "00000006" + "0062006f0062",
  ],
];

test("signed statements: the bytes begin with the type's words", () => {
  for (const [statement, rest] of STATEMENTS) {
    const words = new TextEncoder().encode(`mim2-${statement.type}\0`).toHex();
    assertEquals(encodeSignedStatement(statement).toHex(), words + rest, statement.type);
  }
});

test("signed statements: a signature is good for its statement and key alone", () => {
  for (const [statement] of STATEMENTS) {
    const signature = createSignature(statement, PRIVATE);
    for (const [other] of STATEMENTS) {
      assertEquals(isSignatureValid(other, signature, KEY), other === statement);
    }
    assert(!isSignatureValid(statement, signature, identityOf(bytes(2))));
    assert(!isSignatureValid(statement, signature.subarray(1), KEY));
    for (let bit = 0; bit < 512; bit++) {
      const changed = signature.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert(!isSignatureValid(statement, changed, KEY), `bit ${bit}`);
    }
  }
});

test("signed statements: a key or a signature of any other bytes is no proof, and no error", () => {
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
  );
  const anySignature = fc.oneof(any, fc.uint8Array({ minLength: 64, maxLength: 64 }));
  const [, [statement] = []] = STATEMENTS;
  assert(statement !== undefined);
  fc.assert(
    fc.property(any, anySignature, (identity, signature) => {
      assert(!isSignatureValid(statement, signature, identity));
    }),
    { numRuns: 1000 },
  );
});

test("signed statements: a key of small order has signed nothing", () => {
  const weak = new Uint8Array(32);
  weak[0] = 1;
  const signature = new Uint8Array(64);
  signature[0] = 1;
  const inOtherSpelling = weak.slice();
  inOtherSpelling[31] = 0x80;
  for (const [statement] of STATEMENTS) {
    const signed = encodeSignedStatement(statement);
    assert(ed25519Verify(signed, signature, weak), "the platform alone is content");
    assert(!isSignatureValid(statement, signature, weak));
    assert(!isSignatureValid(statement, signature, inOtherSpelling));
  }
});

test("signed statements: fields that cannot be signed are our own mistake, or nobody's signature", () => {
  const wrong: readonly SignedStatement[] = [
    { type: "static", staticKey: bytes(2, 31) },
    { type: "login", handshakeHash: bytes(3, 31), port: 1, name: "a" },
    { type: "login", handshakeHash: bytes(3), port: 70_000, name: "a" },
    { type: "login", handshakeHash: bytes(3), port: 1, name: "\ud800" },
    { type: "server", handshakeHash: bytes(3), session: bytes(1, 7) },
    { type: "name", claimed: 8.64e15 + 1, issued: 1, identity: bytes(5), name: "a" },
    { type: "name", claimed: 1, issued: 1, identity: bytes(5, 0), name: "a" },
    { type: "noise", role: "initiator", preamble: "chat", staticKey: bytes(6, 33) },
    { type: "rotate", oldKey: bytes(7), newKey: bytes(8, 1), rotatedAt: 3 },
    { type: "log", epoch: 2 ** 32, number: 2, chain: bytes(9) },
    { type: "log", epoch: 1, number: 2, chain: bytes(9, 31) },
  ];
  for (const statement of wrong) {
    assertThrows(() => createSignature(statement, PRIVATE), RangeError);
    assert(!isSignatureValid(statement, new Uint8Array(64), KEY));
  }
});
