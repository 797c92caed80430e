/** The messages of a server through a link to one client alone. */

import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { KEY_LENGTH, SIGNATURE_LENGTH } from "../../crypto/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import {
  readBytesField,
  readTime,
  SESSION_LENGTH,
  writeBytesField,
  writeTextField,
  writeTime,
} from "../fields.ts";
import { HASH_LENGTH } from "../signed_statement.ts";
import { decodeLinkUpdate, encodeLinkUpdate, type LinkEntry } from "./entry.ts";
import { readAddressField, writeAddressField } from "./fields.ts";
import { type OrderOutcome, readOutcome, writeOutcome } from "./order.ts";

/**
 * A message of a server to one client alone.
 * See protocol/docs/mim2.md, "Messages of the server to one client".
 */
export type LinkNotice =
  | {
    /** The login is accepted: the first message of all. */
    readonly type: "accepted";
    /** The client's own, 8 bytes. */
    readonly session: Uint8Array;
    /** Over the statement of type `server`, 64 bytes. */
    readonly signature: Uint8Array;
    /** The client's IP address, as the server sees it. */
    readonly address: string;
    /** How often the server pings, in seconds. */
    readonly pingSeconds: number;
    /** The server's clock, in milliseconds since 1970. */
    readonly serverTime: number;
    /** The epoch of the table to come. */
    readonly epoch: number;
    /** Its secret, 32 bytes; empty for a client that watches. */
    readonly secret: Uint8Array;
    /** Whether the client gets only the rows that it watches, and no records. */
    readonly isWatching: boolean;
    /** Whether the client's user is an admin of the server now. */
    readonly isAdmin: boolean;
  }
  | {
    /** The whole table has been sent. */
    readonly type: "complete";
    /** How many rows it had. */
    readonly rows: number;
    /** The epoch of the first log record to come. */
    readonly epoch: number;
    /** Its number. */
    readonly number: number;
    /** The hash of all table records as sent, 32 bytes: see {@linkcode hashTable}. */
    readonly tableHash: Uint8Array;
    /** The chain before that log record, 32 bytes. */
    readonly chain: Uint8Array;
  }
  | {
    /** A ping, to be answered by a pong with its token. */
    readonly type: "ping";
    /** Any number of 32 bits. */
    readonly token: number;
    /** The epoch of the log at this place. */
    readonly epoch: number;
    /** The number of the next log record in it. */
    readonly number: number;
  }
  | {
    /** The answer to the client's ping. */
    readonly type: "pong";
    /** The ping's. */
    readonly token: number;
    /** The server's clock, in milliseconds since 1970. */
    readonly serverTime: number;
  }
  | {
    /** The next log record is the first of another epoch. */
    readonly type: "epoch";
    /** The number of the epoch. */
    readonly epoch: number;
    /** Its secret, 32 bytes. */
    readonly secret: Uint8Array;
    /** The number of the last log record of the epoch before. */
    readonly lastNumber: number;
  }
  | {
    /** Somebody wants to be dialed. */
    readonly type: "call-me";
    /** The session of the user who is to be called, 8 bytes. */
    readonly session: Uint8Array;
  }
  | {
    /** The online users whose name begins as was asked; none of them is watched by that. */
    readonly type: "found";
    /** The question's number. */
    readonly query: number;
    /** Some of those rows, at most 100. */
    readonly rows: readonly LinkEntry[];
  }
  | {
    /** The answer to an order. */
    readonly type: "outcome";
    /** The order's number. */
    readonly token: number;
    /** The outcome. */
    readonly outcome: OrderOutcome;
    /** How many sessions it has ended. */
    readonly ended: number;
    /** Why it failed; as sent. */
    readonly text: string;
  }
  | {
    /** A refusal or an error; a fatal one is followed by the close. */
    readonly type: "refusal";
    /** One of {@linkcode refusalCodes}, or a later version's. */
    readonly code: number;
    /** The description of the error, as sent: not yet safe to print. */
    readonly text: string;
  };

/**
 * The codes of a server's refusals.
 *
 * @example
 * ```ts
 * import { encodeLinkNotice, refusalCodes } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const refusal = { type: "refusal", code: refusalCodes["server full"], text: "" } as const;
 * assertEquals(encodeLinkNotice(refusal).toHex(), "45" + "0006" + "00000000");
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
  "try later": 10,
  "moved": 11,
  "banned": 12,
  "not allowed in": 13,
  "kicked": 14,
} as const;

/** The notice of one type. */
export type LinkNoticeOf<Type extends LinkNotice["type"]> = Extract<LinkNotice, { type: Type }>;

/** Longer than any row. */
const MAX_ROW_BYTES = 4_096;

/** Flags of an accepted login. */
const [WATCHING, ADMIN] = [1, 2];

const TYPES = {
  accepted: 0x52,
  complete: 0x53,
  ping: 0x50,
  pong: 0x70,
  epoch: 0x56,
  "call-me": 0x43,
  found: 0x6a,
  outcome: 0x61,
  refusal: 0x45,
} as const;

/**
 * A notice's bytes, to be encrypted.
 *
 * @throws {RangeError} if a field has a wrong length, is out of range or too long
 *
 * @example
 * ```ts
 * import { encodeLinkNotice } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const pong = encodeLinkNotice({ type: "pong", token: 7, serverTime: 258 });
 * assertEquals(pong.toHex(), "70" + "00000007" + "0000000000000102");
 * ```
 */
export function encodeLinkNotice(notice: LinkNotice): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter().quint8(TYPES[notice.type]);
  switch (notice.type) {
    case "accepted":
      writeBytesField(writer, "a session", notice.session, SESSION_LENGTH);
      writeBytesField(writer, "a signature", notice.signature, SIGNATURE_LENGTH);
      writeAddressField(writer, notice.address);
      writer.quint16(notice.pingSeconds);
      writeTime(writer, notice.serverTime);
      writer.quint32(notice.epoch);
      writeBytesField(writer, "a secret", notice.secret, KEY_LENGTH, notice.isWatching);
      writer.quint8((notice.isWatching ? WATCHING : 0) | (notice.isAdmin ? ADMIN : 0));
      break;
    case "complete":
      writer.quint32(notice.rows).quint32(notice.epoch).quint64(notice.number);
      writeBytesField(writer, "a table's hash", notice.tableHash, HASH_LENGTH);
      writeBytesField(writer, "a chain", notice.chain, HASH_LENGTH);
      break;
    case "ping":
      writer.quint32(notice.token).quint32(notice.epoch).quint64(notice.number);
      break;
    case "pong":
      writeTime(writer.quint32(notice.token), notice.serverTime);
      break;
    case "epoch":
      writer.quint32(notice.epoch);
      writeBytesField(writer, "a secret", notice.secret, KEY_LENGTH);
      writer.quint64(notice.lastNumber);
      break;
    case "call-me":
      writeBytesField(writer, "a session", notice.session, SESSION_LENGTH);
      break;
    case "found":
      writer.quint32(notice.query).quint16(notice.rows.length);
      for (const entry of notice.rows) writer.qbytearray(encodeLinkUpdate({ type: "add", entry }));
      break;
    case "outcome":
      writeOutcome(writer.quint32(notice.token), notice.outcome);
      writeTextField(
        writer.quint32(notice.ended),
        "a reason",
        notice.text,
        limits.rejectionUnits,
      );
      break;
    case "refusal":
      writer.quint16(notice.code);
      writeTextField(writer, "a refusal", notice.text, limits.rejectionUnits);
  }
  return writer.bytes();
}

/**
 * Reads a notice.
 *
 * @returns undefined if its type is not known: it is to be skipped
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeLinkNotice(body: Uint8Array): LinkNotice | undefined {
  const reader = new QDataStreamReader(body);
  switch (reader.quint8()) {
    case TYPES.accepted:
      return readAccepted(reader);
    case TYPES.complete:
      return {
        type: "complete",
        rows: reader.quint32(),
        epoch: reader.quint32(),
        number: reader.quint64(),
        tableHash: readBytesField(reader, "a table's hash", HASH_LENGTH),
        chain: readBytesField(reader, "a chain", HASH_LENGTH),
      };
    case TYPES.ping:
      return {
        type: "ping",
        token: reader.quint32(),
        epoch: reader.quint32(),
        number: reader.quint64(),
      };
    case TYPES.pong:
      return { type: "pong", token: reader.quint32(), serverTime: readTime(reader) };
    case TYPES.epoch:
      return {
        type: "epoch",
        epoch: reader.quint32(),
        secret: readBytesField(reader, "a secret", KEY_LENGTH),
        lastNumber: reader.quint64(),
      };
    case TYPES["call-me"]:
      return { type: "call-me", session: readBytesField(reader, "a session", SESSION_LENGTH) };
    case TYPES.found:
      return readFound(reader);
    case TYPES.outcome:
      return {
        type: "outcome",
        token: reader.quint32(),
        outcome: readOutcome(reader),
        ended: reader.quint32(),
        text: reader.qstring(limits.rejectionUnits),
      };
    case TYPES.refusal:
      return {
        type: "refusal",
        code: reader.quint16(),
        text: reader.qstring(limits.rejectionUnits),
      };
    default:
      return undefined;
  }
}

function readFound(reader: QDataStreamReader): LinkNoticeOf<"found"> {
  const query = reader.quint32();
  const rows: LinkEntry[] = [];
  for (let left = reader.quint16(); left > 0; left--) {
    const update = decodeLinkUpdate(reader.qbytearray(MAX_ROW_BYTES));
    if (update?.type !== "add") {
      throw new ProtocolError("bad-field", "expected an Add, got another");
    }
    rows.push(update.entry);
  }
  return { type: "found", query, rows };
}

function readAccepted(reader: QDataStreamReader): LinkNoticeOf<"accepted"> {
  const accepted = {
    type: "accepted",
    session: readBytesField(reader, "a session", SESSION_LENGTH),
    signature: readBytesField(reader, "a signature", SIGNATURE_LENGTH),
    address: readAddressField(reader),
    pingSeconds: reader.quint16(),
    serverTime: readTime(reader),
    epoch: reader.quint32(),
    secret: readBytesField(reader, "a secret", KEY_LENGTH, true),
  } as const;
  const flags = reader.quint8();
  const isWatching = (flags & WATCHING) !== 0;
  const isAdmin = (flags & ADMIN) !== 0;
  if (isWatching === (accepted.secret.length === 0)) return { ...accepted, isWatching, isAdmin };
  throw new ProtocolError(
    "bad-field",
    "expected a secret unless the client watches, got otherwise",
  );
}
