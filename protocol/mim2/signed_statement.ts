/** The statements that are signed with an Ed25519 key, and their bytes. */

import { concat } from "@std/bytes/concat";
import { QDataStreamWriter } from "../codec/mod.ts";
import {
  assertLength,
  ed25519Sign,
  ed25519Verify,
  KEY_LENGTH,
  type NoiseRole,
} from "../crypto/mod.ts";
import { SESSION_LENGTH, writeTime } from "./fields.ts";
import { encodePreamble } from "./preamble.ts";
import { isWeakIdentity } from "./identity.ts";

/** Bytes of a handshake's hash, and of any other SHA-256. */
export const HASH_LENGTH = 32;
const encoder = new TextEncoder();
const WORDS: Readonly<Record<SignedStatement["type"], Uint8Array>> = {
  static: encoder.encode("mim2-static\0"),
  login: encoder.encode("mim2-login\0"),
  server: encoder.encode("mim2-server\0"),
  name: encoder.encode("mim2-name\0"),
  noise: encoder.encode("mim2-noise\0"),
  rotate: encoder.encode("mim2-rotate\0"),
  log: encoder.encode("mim2-log\0"),
  room: encoder.encode("mim2-room\0"),
  claim: encoder.encode("mim2-claim\0"),
  ban: encoder.encode("mim2-ban\0"),
};
const PREAMBLES = {
  chat: encodePreamble("chat"),
  file: encodePreamble("file"),
} as const;

/**
 * A statement to be signed. Each type starts with words of its own, so that none can pass for another.
 * See protocol/docs/mim2.md, "Keys and signatures".
 */
export type SignedStatement =
  | {
    /** A server, to all: "this key of Noise is mine until I restart". */
    readonly type: "static";
    /** The server's public static key, 32 bytes. */
    readonly staticKey: Uint8Array;
  }
  | {
    /** A client, to its server: "this key logs in, on this connection". */
    readonly type: "login";
    /** The hash of the connection's handshake, 32 bytes. */
    readonly handshakeHash: Uint8Array;
    /** The port of the client's own listener. */
    readonly port: number;
    /** The user's name. */
    readonly name: string;
  }
  | {
    /** A server, to its client: "you have reached me, and this is your session". */
    readonly type: "server";
    /** The hash of the connection's handshake, 32 bytes. */
    readonly handshakeHash: Uint8Array;
    /** The session, 8 bytes. */
    readonly session: Uint8Array;
  }
  | {
    /** A server, to all: "this name belongs to that key here". */
    readonly type: "name";
    /** When the key took the name, in milliseconds since 1970. */
    readonly claimed: number;
    /** When this was signed, in milliseconds since 1970. */
    readonly issued: number;
    /** The user's public key. */
    readonly identity: Uint8Array;
    /** The user's name. */
    readonly name: string;
  }
  | {
    /** A client, to its peer: "this key of Noise is mine, in this handshake's role". */
    readonly type: "noise";
    /** The signer's role in the handshake. */
    readonly role: NoiseRole;
    /** Which preamble opened the connection. */
    readonly preamble: "chat" | "file";
    /** The signer's public static key, 32 bytes. */
    readonly staticKey: Uint8Array;
  }
  | {
    /** Two keys, to all: "the new one follows the old one". Both sign it. */
    readonly type: "rotate";
    /** The public key until then. */
    readonly oldKey: Uint8Array;
    /** The public key from then on. */
    readonly newKey: Uint8Array;
    /** When that was, in milliseconds since 1970. */
    readonly rotatedAt: number;
  }
  | {
    /** A server, to its clients: "the log up to here is mine". */
    readonly type: "log";
    /** The log's epoch. */
    readonly epoch: number;
    /** How many log records the epoch had before the one that holds the signature. */
    readonly number: number;
    /** The chain over these records, 32 bytes. */
    readonly chain: Uint8Array;
  }
  | {
    /** A member, to all of a room: "this entry is mine". */
    readonly type: "room";
    /** The entry's header. */
    readonly header: Uint8Array;
  }
  | {
    /** A server, to the others of its cluster: "this name belongs to that key, or to nobody any more". */
    readonly type: "claim";
    /** When the key took the name, in milliseconds since 1970. */
    readonly claimed: number;
    /** When the key used the name last, in milliseconds since 1970. */
    readonly used: number;
    /** The user's public key; empty once the name was freed. */
    readonly identity: Uint8Array;
    /** The user's name. */
    readonly name: string;
  }
  | {
    /** A server, to the others of its cluster: "this one may not log in", or may again. */
    readonly type: "ban";
    /** Counts what was decided about this one. */
    readonly number: number;
    /** Whether it may not. */
    readonly isBanned: boolean;
    /** `keys`, `names` or `networks`. */
    readonly kind: string;
    /** The key, the name or the network. */
    readonly who: string;
  };

/**
 * The bytes that are signed: the type's words and a zero byte, then the fields.
 *
 * @throws {RangeError} if a field has a wrong length or is out of range
 */
export function encodeSignedStatement(statement: SignedStatement): Uint8Array<ArrayBuffer> {
  const words = WORDS[statement.type];
  const writer = new QDataStreamWriter();
  switch (statement.type) {
    case "static":
      assertLength("a static key", statement.staticKey, KEY_LENGTH);
      return concat([words, statement.staticKey]);
    case "login":
      assertLength("a handshake's hash", statement.handshakeHash, HASH_LENGTH);
      writer.quint16(statement.port);
      return concat([words, statement.handshakeHash, writer.bytes(), nameBytes(statement.name)]);
    case "server":
      assertLength("a handshake's hash", statement.handshakeHash, HASH_LENGTH);
      assertLength("a session", statement.session, SESSION_LENGTH);
      return concat([words, statement.handshakeHash, statement.session]);
    case "name":
      assertLength("an identity", statement.identity, KEY_LENGTH);
      writeTime(writer, statement.claimed);
      writeTime(writer, statement.issued);
      return concat([words, writer.bytes(), statement.identity, nameBytes(statement.name)]);
    case "noise":
      assertLength("a static key", statement.staticKey, KEY_LENGTH);
      writer.quint8(statement.role === "initiator" ? 0 : 1);
      return concat([words, writer.bytes(), PREAMBLES[statement.preamble], statement.staticKey]);
    case "rotate":
      assertLength("an old key", statement.oldKey, KEY_LENGTH);
      assertLength("a new key", statement.newKey, KEY_LENGTH);
      writeTime(writer, statement.rotatedAt);
      return concat([words, statement.oldKey, statement.newKey, writer.bytes()]);
    case "log":
      assertLength("a chain", statement.chain, HASH_LENGTH);
      writer.quint32(statement.epoch).quint64(statement.number);
      return concat([words, writer.bytes(), statement.chain]);
    case "room":
      return concat([words, statement.header]);
    case "claim":
      writeTime(writer, statement.claimed);
      writeTime(writer, statement.used);
      writer.qbytearray(statement.identity);
      return concat([words, writer.bytes(), nameBytes(statement.name)]);
    case "ban":
      writer.quint64(statement.number).quint8(statement.isBanned ? 1 : 0);
      writer.qstring(statement.kind).qstring(statement.who);
      return concat([words, writer.bytes()]);
  }
}

/**
 * Signs a statement.
 *
 * @param privateKey the signer's private key, 32 bytes
 * @returns the signature, 64 bytes
 * @throws {RangeError} if a field has a wrong length or is out of range
 *
 * @example
 * ```ts
 * import { createSignature, identityOf, isSignatureValid } from "@mim/mim/protocol";
 * import { assert } from "@std/assert";
 *
 * const key = crypto.getRandomValues(new Uint8Array(32));
 * const statement = { type: "static", staticKey: new Uint8Array(32).fill(7) } as const;
 * assert(isSignatureValid(statement, createSignature(statement, key), identityOf(key)));
 * ```
 */
export function createSignature(
  statement: SignedStatement,
  privateKey: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return ed25519Sign(encodeSignedStatement(statement), privateKey);
}

/**
 * Whether this key has signed this statement. Never if key or signature are malformed, nor if the key
 * is one of the few that fit any signature.
 *
 * @param identity the signer's public key, 32 bytes
 */
export function isSignatureValid(
  statement: SignedStatement,
  signature: Uint8Array,
  identity: Uint8Array,
): boolean {
  if (isWeakIdentity(identity)) return false;
  let bytes: Uint8Array;
  try {
    bytes = encodeSignedStatement(statement);
  } catch (error) {
    if (error instanceof RangeError) return false; // from outside: nobody could have signed it
    throw error;
  }
  return ed25519Verify(bytes, signature, identity);
}

/** A name in UTF-8. Lone surrogates have none: two different names would be signed as the same. */
function nameBytes(name: string): Uint8Array {
  if (!name.isWellFormed()) throw new RangeError("expected a name without lone surrogates");
  return encoder.encode(name);
}
