/** The lobby: what everybody says who has joined it at one server. */

import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { KEY_LENGTH, sha256 } from "../../crypto/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { checkUserName } from "../../text/mod.ts";
import { readCertificate, writeCertificate } from "../certificate.ts";
import { readBytesField, readMessageText, writeBytesField, writeMessageText } from "../fields.ts";
import type { Credential } from "../introduction.ts";
import { HASH_LENGTH } from "../signed_statement.ts";

const WORDS = new TextEncoder().encode("mim2-lobby\0");

/** The body of an entry of the lobby, of the kind `text`. See protocol/docs/mim2.md, "Rooms". */
export interface LobbyText {
  /** The author's name. */
  readonly name: string;
  /** The server's certificate for it. */
  readonly credential: Credential;
  /** The hash of the entry that it answers, 32 bytes; empty if it answers none. */
  readonly replyTo: Uint8Array;
  /** The text; not yet safe to print: see {@linkcode sanitizeText}. */
  readonly text: string;
}

/**
 * The room that entries of a server's lobby name: it has no first entry.
 *
 * @param serverKey the server's public key, 32 bytes
 */
export function lobbyRoomOf(serverKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(WORDS, serverKey);
}

/**
 * A body's bytes.
 *
 * @param salt 16 random bytes
 * @throws {RangeError} if a field has a wrong length or is too long
 *
 * @example
 * ```ts
 * import { decodeLobbyText, encodeLobbyText } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const certificate = { claimed: 1, issued: 2, signature: new Uint8Array(64) };
 * const credential = { serverKey: new Uint8Array(32), certificate };
 * const said = { name: "ada", credential, replyTo: new Uint8Array(), text: "hi" };
 * assertEquals(decodeLobbyText(encodeLobbyText(said, new Uint8Array(16))), said);
 * ```
 */
export function encodeLobbyText(
  { name, credential, replyTo, text }: LobbyText,
  salt: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter();
  if (salt.length !== limits.roomSaltBytes) throw new RangeError("expected 16 random bytes");
  for (const byte of salt) writer.quint8(byte);
  const check = checkUserName(name);
  if (!check.ok) throw new RangeError(check.reason);
  writer.qstring(name);
  writeBytesField(writer, "a server's key", credential.serverKey, KEY_LENGTH);
  writeCertificate(writer, credential.certificate);
  writeBytesField(writer, "a reply's target", replyTo, HASH_LENGTH, true);
  writeMessageText(writer, text);
  return writer.bytes();
}

/**
 * Reads a body. Further fields are skipped.
 *
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`, `invalid-name`
 */
export function decodeLobbyText(bytes: Uint8Array): LobbyText {
  if (bytes.length < limits.roomSaltBytes) {
    throw new ProtocolError("overrun", `expected a body with random bytes, got ${bytes.length}`);
  }
  const reader = new QDataStreamReader(bytes.subarray(limits.roomSaltBytes));
  const name = reader.qstring(limits.nameUnits);
  const check = checkUserName(name);
  if (!check.ok) throw new ProtocolError("invalid-name", check.reason);
  const serverKey = readBytesField(reader, "a server's key", KEY_LENGTH);
  const credential = { serverKey, certificate: readCertificate(reader) };
  const replyTo = readBytesField(reader, "a reply's target", HASH_LENGTH, true);
  return { name, credential, replyTo, text: readMessageText(reader) };
}
