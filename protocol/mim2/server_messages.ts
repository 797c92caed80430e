/** Messages of a MIM/2 server to its MIM/2 clients: updates with more fields, and notices. */

import { encodeFrame, QDataStreamReader, QDataStreamWriter } from "../codec/mod.ts";
import { limits } from "../limits.ts";
import {
  type Availability,
  type Reachability,
  readAddresses,
  readBytesField,
  readReachability,
  readStatus,
  readTime,
  SESSION_LENGTH,
  writeAddresses,
  writeBytesField,
  writeReachability,
  writeStatus,
  writeTextField,
  writeTime,
} from "./fields.ts";
import type { PresenceEntry } from "../classic/mod.ts";
import { KEY_LENGTH, SIGNATURE_LENGTH } from "../crypto/mod.ts";

/** A row of the online table with what MIM/2 appends. The certificate is not checked. */
export interface Mim2Entry extends PresenceEntry {
  /** Names this row alone, 8 bytes. */
  readonly session: Uint8Array;
  /** The client's capabilities, as bits. */
  readonly capabilities: number;
  /** The user's public key, 32 bytes; empty for a classic client. */
  readonly identity: Uint8Array;
  /** When the certificate was made, in milliseconds since 1970; 0 if there is none. */
  readonly issued: number;
  /**
   * The server's signature over the statement of kind `name`, 64 bytes; empty if the name does not
   * belong to that key.
   */
  readonly certificate: Uint8Array;
  /** Whether the user is there. */
  readonly availability: Availability;
  /** The user's status text; as sent, may be empty. */
  readonly status: string;
  /** Whether the server can dial the user. */
  readonly reachability: Reachability;
  /** Further addresses at which the user can be reached; as sent. */
  readonly addresses: readonly string[];
}

/** A change of the online table, for MIM/2 clients. */
export interface Mim2Update {
  /** `change`: the row of this session is now this one. */
  readonly type: "add" | "delete" | "change";
  /** The row. */
  readonly entry: Mim2Entry;
}

/** A message of a MIM/2 server after the login that is no update. */
export type Mim2Notice =
  | {
    /** The login is accepted: the first of all blocks. */
    readonly type: "accepted";
    /** The client's own, 8 bytes. */
    readonly session: Uint8Array;
    /** Over the statement of kind `server`, 64 bytes; not checked. */
    readonly signature: Uint8Array;
    /** The client's address, as the server sees it. */
    readonly address: string;
    /** How often the server pings, in seconds. */
    readonly pingSeconds: number;
  }
  | {
    /** The whole table has been sent. */
    readonly type: "complete";
    /** How many rows it had. */
    readonly count: number;
  }
  | {
    /** A ping, to be answered by a pong with its token; or that answer. */
    readonly type: "ping" | "pong";
    /** Any number of 32 bits. */
    readonly token: number;
  }
  | {
    /** A user wants to be dialed. */
    readonly type: "call-me";
    /** Whose session, 8 bytes. */
    readonly session: Uint8Array;
  }
  | {
    /** A refusal or an error; a fatal one is followed by the close. */
    readonly type: "refusal";
    /** One of {@linkcode refusalCodes}, or a later version's. */
    readonly code: number;
    /** The reason; as sent. */
    readonly text: string;
  };

/**
 * The codes of a server's refusals.
 *
 * @example
 * ```ts
 * import { encodeNotice, refusalCodes } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const refusal = encodeNotice({ type: "refusal", code: refusalCodes["server full"], text: "" });
 * assertEquals(refusal.toHex(), "0007" + "45" + "0006" + "00000000");
 * ```
 */
export const refusalCodes = {
  "malformed": 1,
  "name not allowed": 2,
  "name taken": 3,
  "too many connections": 4,
  "too fast": 5,
  "server full": 6,
  "shutting down": 7,
  "bad signature": 8,
  "too slow": 9,
} as const;

const TYPES = { add: 0x41, delete: 0x44, change: 0x55 } as const;
const ACCEPTED = 0x52;
const COMPLETE = 0x53;
const PING = 0x50;
const PONG = 0x70;
const CALL_ME = 0x43;
const REFUSAL = 0x45;

/**
 * An update's bytes for MIM/2 clients, including its frame length. {@linkcode deleteOfAdd} makes its
 * Delete of an Add, as it does of a classic one.
 *
 * @throws {RangeError} if a field has a wrong length, is out of range or too long
 */
export function encodeMim2Update({ type, entry }: Mim2Update): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter().quint8(TYPES[type]);
  writer.qstring(entry.name).qstring(entry.address).quint16(entry.port);
  writeBytesField(writer, "a session", entry.session, SESSION_LENGTH);
  writer.quint32(entry.capabilities);
  writeBytesField(writer, "an identity", entry.identity, KEY_LENGTH, true);
  writeTime(writer, entry.issued);
  writeBytesField(writer, "a certificate", entry.certificate, SIGNATURE_LENGTH, true);
  writeStatus(writer, entry.availability, entry.status);
  writeReachability(writer, entry.reachability);
  writeAddresses(writer, entry.addresses);
  return encodeFrame(writer.bytes());
}

/**
 * The bytes of a notice, including the frame length.
 *
 * @throws {RangeError} if a field has a wrong length, is out of range or too long
 */
export function encodeNotice(notice: Mim2Notice): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter();
  switch (notice.type) {
    case "accepted":
      writer.quint8(ACCEPTED);
      writeBytesField(writer, "a session", notice.session, SESSION_LENGTH);
      writeBytesField(writer, "a signature", notice.signature, SIGNATURE_LENGTH);
      writeTextField(writer, "an address", notice.address, limits.addressUnits);
      writer.quint16(notice.pingSeconds);
      break;
    case "complete":
      writer.quint8(COMPLETE).quint32(notice.count);
      break;
    case "ping":
    case "pong":
      writer.quint8(notice.type === "ping" ? PING : PONG).quint32(notice.token);
      break;
    case "call-me":
      writeBytesField(writer.quint8(CALL_ME), "a session", notice.session, SESSION_LENGTH);
      break;
    case "refusal":
      writer.quint8(REFUSAL).quint16(notice.code);
      writeTextField(writer, "a refusal", notice.text, limits.rejectionUnits);
  }
  return encodeFrame(writer.bytes());
}

/**
 * Reads a MIM/2 server's message from the body of its frame.
 *
 * @returns undefined if its type is not known: it is to be skipped
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeServerMessage(body: Uint8Array): Mim2Update | Mim2Notice | undefined {
  const reader = new QDataStreamReader(body);
  const type = reader.quint8();
  switch (type) {
    case TYPES.add:
      return { type: "add", entry: readEntry(reader) };
    case TYPES.delete:
      return { type: "delete", entry: readEntry(reader) };
    case TYPES.change:
      return { type: "change", entry: readEntry(reader) };
    case ACCEPTED:
      return {
        type: "accepted",
        session: readBytesField(reader, "a session", SESSION_LENGTH),
        signature: readBytesField(reader, "a signature", SIGNATURE_LENGTH),
        address: reader.qstring(limits.addressUnits),
        pingSeconds: reader.quint16(),
      };
    case COMPLETE:
      return { type: "complete", count: reader.quint32() };
    case PING:
    case PONG:
      return { type: type === PING ? "ping" : "pong", token: reader.quint32() };
    case CALL_ME:
      return { type: "call-me", session: readBytesField(reader, "a session", SESSION_LENGTH) };
    case REFUSAL:
      return {
        type: "refusal",
        code: reader.quint16(),
        text: reader.qstring(limits.rejectionUnits),
      };
    default:
      return undefined;
  }
}

function readEntry(reader: QDataStreamReader): Mim2Entry {
  return {
    name: reader.qstring(),
    address: reader.qstring(),
    port: reader.quint16(),
    session: readBytesField(reader, "a session", SESSION_LENGTH),
    capabilities: reader.quint32(),
    identity: readBytesField(reader, "an identity", KEY_LENGTH, true),
    issued: readTime(reader),
    certificate: readBytesField(reader, "a certificate", SIGNATURE_LENGTH, true),
    ...readStatus(reader),
    reachability: readReachability(reader),
    addresses: readAddresses(reader),
  };
}
