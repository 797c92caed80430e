/** The online table through a server link: its rows, and what changes in it. */

import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { KEY_LENGTH } from "../../crypto/mod.ts";
import { limits } from "../../limits.ts";
import { type Certificate, readCertificate, writeCertificate } from "../certificate.ts";
import {
  type Availability,
  type Reachability,
  readAvailability,
  readBytesField,
  readReachability,
  SESSION_LENGTH,
  writeAvailability,
  writeBytesField,
  writeReachability,
  writeTextField,
} from "../fields.ts";
import {
  readAddressField,
  readAddressList,
  readStatusField,
  writeAddressField,
  writeAddressList,
  writeStatusField,
} from "./fields.ts";

/** A row of the online table. See protocol/docs/mim2.md, "Rows". */
export interface LinkEntry extends EntryDetails {
  /** The user's name; as sent, 64 UTF-16 units at most. */
  readonly name: string;
  /** The user's IP address, as the server sees the connection. */
  readonly address: string;
  /** The port of the user's listener, 0 to 65,535. */
  readonly port: number;
  /** Names this row alone, 8 bytes. */
  readonly session: Uint8Array;
  /** The user's public key, 32 bytes; empty for a classic client. */
  readonly identity: Uint8Array;
  /** Whether the name of a classic client belongs to somebody's key at this server. */
  readonly isNameClaimed?: boolean;
}

/** The fields of a row that can change. */
export interface EntryDetails {
  /** The client's capabilities, as bits: a hint. */
  readonly capabilities: number;
  /** The server's word that the name belongs to the key; undefined if it gives none. Not checked. */
  readonly certificate: Certificate | undefined;
  /** Whether the user is there. */
  readonly availability: Availability;
  /** The user's text about it; as sent, may be empty; at most 256 bytes of UTF-8. */
  readonly status: string;
  /** Whether the server can dial the user. */
  readonly reachability: Reachability;
  /** At most four further IP addresses at which the user can be reached. */
  readonly addresses: readonly string[];
}

/** A change of the online table. See protocol/docs/mim2.md, "Rows". */
export type LinkUpdate =
  | {
    /** The row is in the table from now on. */
    readonly type: "add";
    /** The row. */
    readonly entry: LinkEntry;
  }
  | {
    /** Some details of the row of this session are others now. */
    readonly type: "change";
    /** The session, 8 bytes. */
    readonly session: Uint8Array;
    /** Those details; the others stay. A certificate that is undefined is none any more. */
    readonly details: Partial<EntryDetails>;
  }
  | {
    /** The row of this session is gone. */
    readonly type: "delete";
    /** The session, 8 bytes. */
    readonly session: Uint8Array;
  };

const ADD = 0x41;
const CHANGE = 0x55;
const DELETE = 0x44;
/** The bits that say which details a change holds, in the order in which these follow. */
const DETAILS = {
  capabilities: 1,
  certificate: 2,
  availability: 4,
  status: 8,
  reachability: 16,
  addresses: 32,
} as const;

/**
 * An update's bytes: a block's body, to be sealed into a record, or encrypted for a client that
 * watches.
 *
 * @throws {RangeError} if a field has a wrong length, is out of range or too long
 */
export function encodeLinkUpdate(update: LinkUpdate): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter();
  switch (update.type) {
    case "add": {
      const { session, identity, name, address, port } = update.entry;
      writeBytesField(writer.quint8(ADD), "a session", session, SESSION_LENGTH);
      writeTextField(writer, "a name", name, limits.nameUnits);
      writeAddressField(writer, address);
      writer.quint16(port);
      writeBytesField(writer, "an identity", identity, KEY_LENGTH, true);
      writeDetails(writer, update.entry);
      writer.quint8(update.entry.isNameClaimed ? 1 : 0);
      break;
    }
    case "change": {
      writeBytesField(writer.quint8(CHANGE), "a session", update.session, SESSION_LENGTH);
      let bits = 0;
      for (const [detail, bit] of Object.entries(DETAILS)) {
        if (detail in update.details) bits |= bit;
      }
      writer.quint8(bits);
      writeDetails(writer, update.details);
      break;
    }
    case "delete":
      writeBytesField(writer.quint8(DELETE), "a session", update.session, SESSION_LENGTH);
  }
  return writer.bytes();
}

/**
 * Reads an update.
 *
 * @returns undefined if its type is not known: it is to be skipped
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeLinkUpdate(body: Uint8Array): LinkUpdate | undefined {
  const reader = new QDataStreamReader(body);
  const type = reader.quint8();
  if (type !== ADD && type !== CHANGE && type !== DELETE) return undefined;
  const session = readBytesField(reader, "a session", SESSION_LENGTH);
  if (type === DELETE) return { type: "delete", session };
  if (type === CHANGE) return { type: "change", session, details: readChanged(reader) };
  return {
    type: "add",
    entry: {
      session,
      name: reader.qstring(limits.nameUnits),
      address: readAddressField(reader),
      port: reader.quint16(),
      identity: readBytesField(reader, "an identity", KEY_LENGTH, true),
      capabilities: reader.quint32(),
      certificate: readCertificate(reader),
      availability: readAvailability(reader),
      status: readStatusField(reader),
      reachability: readReachability(reader),
      addresses: readAddressList(reader),
      ...reader.quint8() === 1 ? { isNameClaimed: true } : {},
    },
  };
}

/** Writes the details that are there. */
function writeDetails(writer: QDataStreamWriter, details: Partial<EntryDetails>): void {
  const { capabilities, availability, status, reachability, addresses } = details;
  if (capabilities !== undefined) writer.quint32(capabilities);
  if ("certificate" in details) writeCertificate(writer, details.certificate);
  if (availability !== undefined) writeAvailability(writer, availability);
  if (status !== undefined) writeStatusField(writer, status);
  if (reachability !== undefined) writeReachability(writer, reachability);
  if (addresses !== undefined) writeAddressList(writer, addresses);
}

function readChanged(reader: QDataStreamReader): Partial<EntryDetails> {
  const bits = reader.quint8();
  return {
    ...bits & DETAILS.capabilities ? { capabilities: reader.quint32() } : {},
    ...bits & DETAILS.certificate ? { certificate: readCertificate(reader) } : {},
    ...bits & DETAILS.availability ? { availability: readAvailability(reader) } : {},
    ...bits & DETAILS.status ? { status: readStatusField(reader) } : {},
    ...bits & DETAILS.reachability ? { reachability: readReachability(reader) } : {},
    ...bits & DETAILS.addresses ? { addresses: readAddressList(reader) } : {},
  };
}
