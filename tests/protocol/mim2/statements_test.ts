import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  identityOf,
  keyTag,
  signedBytes,
  signStatement,
  type Statement,
  verifyStatement,
} from "../../../protocol/mod.ts";
import { ed25519Sign, ed25519Verify } from "../../../protocol/crypto/signatures_and_ciphers.ts";
import { hex, join, test, utf8 } from "../../fixtures/decoding.ts";

const bytes = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
const statements: readonly (readonly [Statement, Uint8Array])[] = [
  [
    {
      type: "login",
      nonce: bytes(32, 1),
      serverKey: bytes(32, 2),
      port: 4242,
      name: "Zoë 😀",
    },
    join(utf8("mim2-login\0"), bytes(32, 1), bytes(32, 2), hex("1092"), utf8("Zoë 😀")),
  ],
  [
    { type: "server", nonce: bytes(32, 1), session: bytes(8, 2) },
    join(utf8("mim2-server\0"), bytes(32, 1), bytes(8, 2)),
  ],
  [
    { type: "name", issued: 0x0198_7654_3210, identity: bytes(32, 3), name: "ada" },
    join(utf8("mim2-name\0"), hex("0000019876543210"), bytes(32, 3), utf8("ada")),
  ],
];
const key = bytes(32, 9);

test("ed25519: the vectors of RFC 8032, section 7.1", () => {
  const vectors = [
    {
      key: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      identity: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      message: "",
      signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    },
    {
      key: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      identity: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      message: "72",
      signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    },
  ];
  for (const { key, identity, message, signature } of vectors) {
    assertEquals(identityOf(hex(key)).toHex(), identity);
    assertEquals(ed25519Sign(hex(message), hex(key)).toHex(), signature);
    assert(ed25519Verify(hex(message), hex(signature), hex(identity)));
  }
});

test("statements: what is signed is the kind's words, a zero byte and the fields", () => {
  for (const [statement, expected] of statements) {
    assertEquals(signedBytes(statement).toHex(), expected.toHex());
    assertEquals(
      signStatement(statement, key).toHex(),
      ed25519Sign(expected, key).toHex(),
      "Ed25519 signs the same bytes the same way",
    );
  }
});

test("statements: a signature holds for its statement and its key, and for nothing else", () => {
  const identity = identityOf(key);
  const signatures = statements.map(([statement]) => signStatement(statement, key));
  for (const [at, [statement]] of statements.entries()) {
    const found = signatures.map((signature) => verifyStatement(statement, signature, identity));
    assertEquals(found, signatures.map((_, other) => other === at));
    const signature = signatures[at] ?? key;
    assert(!verifyStatement(statement, signature, identityOf(bytes(32, 8))));
    for (let bit = 0; bit < 512; bit++) {
      const changed = signature.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert(!verifyStatement(statement, changed, identity), `bit ${bit}`);
    }
  }
});

test("statements: any change of a login is noticed", () => {
  const [first] = statements;
  assert(first !== undefined && first[0].type === "login");
  const login = first[0];
  const identity = identityOf(key);
  const signature = signStatement(login, key);
  assert(verifyStatement(login, signature, identity));
  for (
    const changed of [
      { ...login, nonce: bytes(32, 7) },
      { ...login, serverKey: bytes(32, 7) },
      { ...login, port: 4243 },
      { ...login, name: "Zoe 😀" },
    ]
  ) {
    assert(!verifyStatement(changed, signature, identity));
  }
});

test("statements: a key or a signature of any other bytes is no proof, and no error", () => {
  const [statement] = statements[2] ?? [];
  assert(statement !== undefined);
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
  );
  const anySignature = fc.oneof(any, fc.uint8Array({ minLength: 64, maxLength: 64 }));
  fc.assert(
    fc.property(any, anySignature, (identity, signature) => {
      assert(!verifyStatement(statement, signature, identity));
    }),
    { numRuns: 1000 },
  );
});

test("statements: keys of small order, which fit any signature, sign nothing", () => {
  const [statement] = statements[2] ?? [];
  assert(statement !== undefined);
  const identity = bytes(32, 0);
  identity[0] = 1;
  const signature = bytes(64, 0);
  signature[0] = 1;
  assert(
    ed25519Verify(signedBytes(statement), signature, identity),
    "the platform alone is content",
  );
  assert(!verifyStatement(statement, signature, identity));
  identity[31] = 0x80;
  assert(!verifyStatement(statement, signature, identity), "in its other spelling");
});

test("statements: what cannot be said is not signed, and no proof where it comes from outside", () => {
  const wrong: readonly Statement[] = [
    { type: "server", nonce: bytes(32, 1), session: bytes(7, 1) },
    { type: "server", nonce: bytes(33, 1), session: bytes(8, 1) },
    { type: "name", issued: 1.5, identity: bytes(32, 1), name: "a" },
    { type: "name", issued: 1, identity: bytes(0, 1), name: "a" },
    { type: "name", issued: 1, identity: bytes(32, 1), name: "\ud800" },
    { type: "login", nonce: bytes(32, 1), serverKey: bytes(32, 1), port: 65_536, name: "a" },
  ];
  for (const statement of wrong) {
    assertThrows(() => signStatement(statement, key), RangeError, "expected");
    assert(!verifyStatement(statement, bytes(64, 1), identityOf(key)));
  }
  assertThrows(() => identityOf(bytes(31, 1)), RangeError, "31");
});

test("key tag: the first 40 bits of the key's SHA-256, in base 32", () => {
  // SHA-256 of 32 zero bytes starts with 66687aadf8.
  assertEquals(keyTag(bytes(32, 0)), "mzuh-vlpy");
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(fc.property(key, (key) => assert(/^[a-z2-7]{4}-[a-z2-7]{4}$/.test(keyTag(key)))));
});
