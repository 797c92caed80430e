/** Identities are Ed25519 keys; these are the four statements that are signed with one. */

import { concat } from "@std/bytes/concat";
import { NONCE_LENGTH, SESSION_LENGTH } from "./fields.ts";
import {
  assertLength,
  derivePublicKey,
  ed25519Sign,
  ed25519Verify,
  KEY_LENGTH,
  sha256,
} from "../crypto/mod.ts";
import { QDataStreamWriter } from "../codec/mod.ts";

const encoder = new TextEncoder();

/** A statement to sign. Each type starts with words of its own, so that none can pass for another. */
export type Statement =
  | {
    /** A client, to its server: "this key logs in, on this connection". */
    readonly type: "login";
    /** The login nonce of the server's welcome, 32 bytes. */
    readonly nonce: Uint8Array;
    /** The server's public key, as the welcome has it. */
    readonly serverKey: Uint8Array;
    /** The port of the client's own simple server. */
    readonly port: number;
    /** The user's name. */
    readonly name: string;
  }
  | {
    /** A server, to its client: "you have reached me, and this is your session". */
    readonly type: "server";
    /** The client nonce of the login, 32 bytes. */
    readonly nonce: Uint8Array;
    /** The session, 8 bytes. */
    readonly session: Uint8Array;
  }
  | {
    /** A server, to all: "this name is that key's own here". */
    readonly type: "name";
    /** When it was issued, in milliseconds since 1970. */
    readonly issued: number;
    /** The user's public key. */
    readonly identity: Uint8Array;
    /** The user's name. */
    readonly name: string;
  };

/**
 * The public key of Ed25519 that belongs to a private one: an identity.
 *
 * @param privateKey 32 random bytes
 * @throws {RangeError} if it has another length
 *
 * @example
 * ```ts
 * import { identityOf } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const key = Uint8Array.fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
 * assertEquals(
 *   identityOf(key).toHex(),
 *   "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
 * );
 * ```
 */
export function identityOf(privateKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return derivePublicKey("Ed25519", privateKey);
}

/**
 * Signs a statement.
 *
 * @param privateKey the signer's private key, 32 bytes
 * @returns the signature, 64 bytes
 * @throws {RangeError} if something in it has a wrong length or is out of range
 *
 * @example
 * ```ts
 * import { identityOf, signStatement, verifyStatement } from "@mim/mim/protocol";
 * import { assert } from "@std/assert";
 *
 * const key = crypto.getRandomValues(new Uint8Array(32));
 * const statement = { type: "name", issued: 1, identity: identityOf(key), name: "ada" } as const;
 * const signature = signStatement(statement, key);
 * assert(verifyStatement(statement, signature, identityOf(key)));
 * ```
 */
export function signStatement(
  statement: Statement,
  privateKey: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return ed25519Sign(signedBytes(statement), privateKey);
}

/**
 * Whether this key has signed this statement. False for an invalid key or signature, and for the few
 * weak keys that fit any signature.
 *
 * @param identity the public key, 32 bytes
 */
export function verifyStatement(
  statement: Statement,
  signature: Uint8Array,
  identity: Uint8Array,
): boolean {
  if (isWeakIdentity(identity)) return false;
  let bytes: Uint8Array;
  try {
    bytes = signedBytes(statement);
  } catch (error) {
    // A statement that nobody could have signed came from outside.
    if (error instanceof RangeError) return false;
    throw error;
  }
  return ed25519Verify(bytes, signature, identity);
}

/**
 * The signed bytes: the words of the type and a zero byte, then its fields.
 *
 * @throws {RangeError} if a field has a wrong length or is out of range
 */
export function signedBytes(statement: Statement): Uint8Array<ArrayBuffer> {
  const words = encoder.encode(`mim2-${statement.type}\0`);
  switch (statement.type) {
    case "login":
      assertLength("a login nonce", statement.nonce, NONCE_LENGTH);
      assertLength("a server's key", statement.serverKey, KEY_LENGTH);
      return concat([
        words,
        statement.nonce,
        statement.serverKey,
        new QDataStreamWriter().quint16(statement.port).bytes(),
        nameBytes(statement.name),
      ]);
    case "server":
      assertLength("a client nonce", statement.nonce, NONCE_LENGTH);
      assertLength("a session", statement.session, SESSION_LENGTH);
      return concat([words, statement.nonce, statement.session]);
    case "name":
      assertLength("an identity", statement.identity, KEY_LENGTH);
      return concat([
        words,
        new QDataStreamWriter().quint64(statement.issued).bytes(),
        statement.identity,
        nameBytes(statement.name),
      ]);
  }
}

/** A name in UTF-8. Half characters have none: two different names would be signed as the same. */
function nameBytes(name: string): Uint8Array {
  if (!name.isWellFormed()) {
    throw new RangeError("expected a name of whole characters, got half ones");
  }
  return encoder.encode(name);
}

/**
 * A few letters and digits by which people tell keys apart at a glance, as `c4f2-x7qa`. Far too short
 * to prove anything: that is what {@linkcode safetyNumber} is for.
 *
 * @param identity the public key, 32 bytes
 *
 * @example
 * ```ts
 * import { keyTag } from "@mim/mim/protocol";
 * import { assertMatch } from "@std/assert";
 *
 * assertMatch(keyTag(new Uint8Array(32)), /^[a-z2-7]{4}-[a-z2-7]{4}$/);
 * ```
 */
export function keyTag(identity: Uint8Array): string {
  const letters = "abcdefghijklmnopqrstuvwxyz234567"; // RFC 4648, section 6
  const number = sha256(identity).subarray(0, 5).reduce((number, byte) => number * 256 + byte, 0);
  const tag = Array.from(
    { length: 8 },
    (_, at) => letters[Math.floor(number / 32 ** (7 - at)) % 32],
  );
  return `${tag.slice(0, 4).join("")}-${tag.slice(4).join("")}`;
}

/** The points of small order, in every spelling, their highest bit aside: they fit any signature. */
const WEAK = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/** Whether a public key of Ed25519 is of small order: any signature fits it. */
export function isWeakIdentity(identity: Uint8Array): boolean {
  const bytes = identity.slice();
  bytes[31] = (bytes[31] ?? 0) & 0x7f;
  return WEAK.has(bytes.toHex());
}
