/** The login through a server link: the first message after the handshake. */

import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { KEY_LENGTH, SIGNATURE_LENGTH } from "../../crypto/mod.ts";
import { ProtocolError } from "../../errors.ts";
import {
  type Availability,
  readAvailability,
  readBytesField,
  SESSION_LENGTH,
  writeAvailability,
  writeBytesField,
} from "../fields.ts";
import { type KeyRotation, readRotationList, writeRotationList } from "../key_rotation.ts";
import { isSignatureValid } from "../signed_statement.ts";
import { readAddressList, readStatusField, writeAddressList, writeStatusField } from "./fields.ts";

const VERSION = 2;

/** A client's request to be put into the online table. See protocol/docs/mim2.md, "Login". */
export interface LinkLogin {
  /** The user's name, as sent: see {@linkcode checkUserName}. */
  readonly name: string;
  /** The port of the client's own listener, 0 to 65,535. */
  readonly port: number;
  /** The user's public key of Ed25519, 32 bytes. */
  readonly identity: Uint8Array;
  /** Over the statement of type `login`, 64 bytes. */
  readonly signature: Uint8Array;
  /** {@linkcode capabilities} as bits: a hint for others. */
  readonly capabilities: number;
  /** Whether the user is there. */
  readonly availability: Availability;
  /** The user's text about it; as sent, may be empty; at most 256 bytes of UTF-8. */
  readonly status: string;
  /** At most four further IP addresses at which the client can be reached; as sent. */
  readonly addresses: readonly string[];
  /**
   * The session before, 8 bytes, or empty. The server ends it at once if it has the same identity.
   */
  readonly previousSession: Uint8Array;
  /**
   * At most eight rotations that lead to the identity, the oldest first. Not checked: the server moves
   * the claim of the name from an earlier key by {@linkcode hasRotatedTo}.
   */
  readonly rotations?: readonly KeyRotation[];
}

/**
 * A login's bytes, to be encrypted.
 *
 * @throws {RangeError} if a field has a wrong length, is out of range or too long
 */
export function encodeLinkLogin(login: LinkLogin): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter().quint16(login.port).qstring(login.name).quint8(VERSION);
  writeBytesField(writer, "an identity", login.identity, KEY_LENGTH);
  writeBytesField(writer, "a signature", login.signature, SIGNATURE_LENGTH);
  writer.quint32(login.capabilities);
  writeAvailability(writer, login.availability);
  writeStatusField(writer, login.status);
  writeAddressList(writer, login.addresses);
  writeBytesField(writer, "a session before", login.previousSession, SESSION_LENGTH, true);
  writeRotationList(writer, login.rotations);
  return writer.bytes();
}

/**
 * Reads a login.
 *
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeLinkLogin(body: Uint8Array): LinkLogin {
  const reader = new QDataStreamReader(body);
  const port = reader.quint16();
  const name = reader.qstring();
  const version = reader.quint8();
  if (version < VERSION) {
    throw new ProtocolError("bad-field", `expected version ${VERSION} or later, got ${version}`);
  }
  const login = {
    name,
    port,
    identity: readBytesField(reader, "an identity", KEY_LENGTH),
    signature: readBytesField(reader, "a signature", SIGNATURE_LENGTH),
    capabilities: reader.quint32(),
    availability: readAvailability(reader),
    status: readStatusField(reader),
    addresses: readAddressList(reader),
    previousSession: readBytesField(reader, "a session before", SESSION_LENGTH, true),
  };
  return { ...login, ...readRotationList(reader) };
}

/** Whether a login is signed by its identity, for this connection. */
export function isLoginSigned(login: LinkLogin, handshakeHash: Uint8Array): boolean {
  const { port, name, signature, identity } = login;
  return isSignatureValid({ type: "login", handshakeHash, port, name }, signature, identity);
}
