/** How two peers introduce themselves: payloads of the handshake. */

import { QDataStreamReader, QDataStreamWriter } from "../codec/mod.ts";
import { KEY_LENGTH, type NoiseRole, SIGNATURE_LENGTH } from "../crypto/mod.ts";
import { ProtocolError } from "../errors.ts";
import { limits } from "../limits.ts";
import { type Certificate, readCertificate, writeCertificate } from "./certificate.ts";
import { readBytesField, writeBytesField } from "./fields.ts";
import { type KeyRotation, readRotationList, writeRotationList } from "./key_rotation.ts";

/** A certificate with the server that signed it. */
export interface Credential {
  /** The public key of the server that the caller is, or was last, logged in to. */
  readonly serverKey: Uint8Array;
  /** The server's certificate for the caller; undefined if there is none. */
  readonly certificate?: Certificate | undefined;
}

/**
 * The peer's own account of itself: the payload of message 2 or 3. Nothing in it is checked.
 * See protocol/docs/mim2.md, "Handshake".
 */
export interface PeerIntroduction {
  /** The peer's public key of Ed25519, 32 bytes. */
  readonly identity: Uint8Array;
  /** Over the statement of type `noise`, 64 bytes. */
  readonly signature: Uint8Array;
  /** The user's name, 1 to 64 UTF-16 units; as sent: see {@linkcode checkUserName}. */
  readonly name: string;
  /** {@linkcode capabilities} as bits. */
  readonly capabilities: number;
  /** In message 3 only; undefined if the caller was never logged in to a server with a key. */
  readonly credential?: Credential | undefined;
  /**
   * In message 2 only: at most eight rotations that lead to the identity, the oldest first, so that a
   * caller who knows an earlier key learns whom it has reached before it says who it is.
   */
  readonly rotations?: readonly KeyRotation[];
}

/**
 * The payload by which a peer introduces itself.
 *
 * @param role `responder` for message 2; `initiator` for message 3, which says more
 * @throws {RangeError} if a field has a wrong length or is out of range
 *
 * @example
 * ```ts
 * import { decodePeerIntroduction, encodePeerIntroduction } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const introduction = {
 *   identity: new Uint8Array(32),
 *   signature: new Uint8Array(64),
 *   name: "ada",
 *   capabilities: 1,
 * };
 * const payload = encodePeerIntroduction("responder", introduction);
 * assertEquals(decodePeerIntroduction("responder", payload), introduction);
 * ```
 */
export function encodePeerIntroduction(
  role: NoiseRole,
  introduction: PeerIntroduction,
): Uint8Array<ArrayBuffer> {
  const { identity, signature, name, capabilities, credential } = introduction;
  if (name === "" || name.length > limits.nameUnits) throw new RangeError(describeLength(name));
  const writer = new QDataStreamWriter();
  writeBytesField(writer, "an identity", identity, KEY_LENGTH);
  writeBytesField(writer, "a signature", signature, SIGNATURE_LENGTH);
  writer.qstring(name).quint32(capabilities);
  if (role === "initiator") {
    const serverKey = credential?.serverKey ?? new Uint8Array(0);
    writeBytesField(writer, "a server's key", serverKey, KEY_LENGTH, credential === undefined);
    writeCertificate(writer, credential?.certificate);
  } else writeRotationList(writer, introduction.rotations);
  return writer.bytes();
}

/**
 * Reads the payload by which a peer introduces itself.
 *
 * @param role the role of the peer that sent it
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`, `invalid-name`
 */
export function decodePeerIntroduction(role: NoiseRole, payload: Uint8Array): PeerIntroduction {
  const reader = new QDataStreamReader(payload);
  const identity = readBytesField(reader, "an identity", KEY_LENGTH);
  const signature = readBytesField(reader, "a signature", SIGNATURE_LENGTH);
  const name = reader.qstring();
  if (name.trim() === "" || name.length > limits.nameUnits) {
    throw new ProtocolError("invalid-name", describeLength(name));
  }
  const introduction = { identity, signature, name, capabilities: reader.quint32() };
  if (role === "responder") return { ...introduction, ...readRotationList(reader) };
  const serverKey = readBytesField(reader, "a server's key", KEY_LENGTH, true);
  const certificate = readCertificate(reader);
  if (serverKey.length > 0) return { ...introduction, credential: { serverKey, certificate } };
  if (certificate === undefined) return introduction;
  throw new ProtocolError("bad-field", "expected a certificate beside a server's key, got no key");
}

function describeLength(name: string): string {
  return `expected a name of 1 to ${limits.nameUnits} characters, got ${name.length}`;
}
