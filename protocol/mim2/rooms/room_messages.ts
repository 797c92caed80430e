/** Messages about rooms between two peers, inside Noise. */

import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { KEY_LENGTH } from "../../crypto/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { readBytesField, writeBytesField } from "../fields.ts";
import { HASH_LENGTH } from "../signed_statement.ts";
import { DEVICE_LENGTH, readRoomEntry, type RoomEntry, writeRoomEntry } from "./room_entry.ts";

/** The entries of one author and device in a room that a peer has. */
export interface RoomSummaryRow {
  /** The author's public key, 32 bytes. */
  readonly author: Uint8Array;
  /** One of the author's devices, 8 bytes. */
  readonly device: Uint8Array;
  /** The count of the first membership entry that is missing. */
  readonly nextMembership: number;
  /** The count of the oldest talk entry that is kept; what is older is not wanted. */
  readonly oldestTalk: number;
  /** The count of the first talk entry that is missing behind it. */
  readonly nextTalk: number;
}

/** A message of a peer about a room. See protocol/docs/mim2.md, "Rooms". */
export type RoomPeerMessage =
  | {
    /** An entry. It is acknowledged by `received` with the first 8 bytes of its hash. */
    readonly type: "room-entry";
    /** The entry. */
    readonly entry: RoomEntry;
  }
  | {
    /** The entries that the peer has, so that it is sent the rest unasked. */
    readonly type: "room-summary";
    /** The room's id, 32 bytes. */
    readonly room: Uint8Array;
    /** Which of the parts it is, from 0. */
    readonly part: number;
    /** How many parts there are. */
    readonly parts: number;
    /** SHA-256 of the hashes of all membership entries, which ascend. */
    readonly membershipHash: Uint8Array;
    /** One for each author and device, at most 1,000. */
    readonly rows: readonly RoomSummaryRow[];
  }
  | {
    /** The peer wants these entries, with their bodies. */
    readonly type: "room-query";
    /** The room's id, 32 bytes. */
    readonly room: Uint8Array;
    /** At most 256. */
    readonly hashes: readonly Uint8Array[];
  };

const ENTRY = 0x47;
const SUMMARY = 0x48;
const QUERY = 0x51;
/** Rows of one part. */
export const MAX_SUMMARY_ROWS = 1_000;
/** Hashes of one query. */
const MAX_QUERY_HASHES = 256;

/**
 * Encodes a message, which {@linkcode NoiseTransport} then encrypts.
 *
 * @throws {RangeError} if a field has a wrong length or is out of range, or there are too many
 *
 * @example
 * ```ts
 * import { decodeRoomMessage, encodeRoomMessage } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const query = { type: "room-query", room: new Uint8Array(32), hashes: [] } as const;
 * assertEquals(decodeRoomMessage(encodeRoomMessage(query)), query);
 * ```
 */
export function encodeRoomMessage(message: RoomPeerMessage): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter();
  switch (message.type) {
    case "room-entry":
      writeRoomEntry(writer.quint8(ENTRY), message.entry);
      break;
    case "room-summary": {
      const { part, parts, rows } = message;
      const wrong = whatIsWrongInSummary(part, parts, rows.length);
      if (wrong !== undefined) throw new RangeError(wrong);
      writeBytesField(writer.quint8(SUMMARY), "a room", message.room, HASH_LENGTH);
      writer.quint8(part).quint8(parts);
      writeBytesField(writer, "a hash", message.membershipHash, HASH_LENGTH);
      writer.quint16(rows.length);
      for (const row of rows) writeRow(writer, row);
      break;
    }
    case "room-query": {
      const { room, hashes } = message;
      if (hashes.length > MAX_QUERY_HASHES) throw new RangeError(tooManyHashes(hashes.length));
      writeBytesField(writer.quint8(QUERY), "a room", room, HASH_LENGTH);
      writer.quint16(hashes.length);
      for (const hash of hashes) writeBytesField(writer, "a hash", hash, HASH_LENGTH);
    }
  }
  return writer.bytes();
}

/**
 * Reads a message that {@linkcode NoiseTransport} has decrypted.
 *
 * @returns undefined if it is about no room
 * @throws {ProtocolError} `overrun`, `bad-field`
 */
export function decodeRoomMessage(payload: Uint8Array): RoomPeerMessage | undefined {
  const reader = new QDataStreamReader(payload);
  switch (reader.quint8()) {
    case ENTRY:
      return { type: "room-entry", entry: readRoomEntry(reader) };
    case SUMMARY: {
      const room = readBytesField(reader, "a room", HASH_LENGTH);
      const [part, parts] = [reader.quint8(), reader.quint8()];
      const membershipHash = readBytesField(reader, "a hash", HASH_LENGTH);
      const count = reader.quint16();
      const wrong = whatIsWrongInSummary(part, parts, count);
      if (wrong !== undefined) throw new ProtocolError("bad-field", wrong);
      const rows = Array.from({ length: count }, () => readRow(reader));
      return { type: "room-summary", room, part, parts, membershipHash, rows };
    }
    case QUERY: {
      const room = readBytesField(reader, "a room", HASH_LENGTH);
      const count = reader.quint16();
      if (count > MAX_QUERY_HASHES) throw new ProtocolError("bad-field", tooManyHashes(count));
      const hashes = Array.from(
        { length: count },
        () => readBytesField(reader, "a hash", HASH_LENGTH),
      );
      return { type: "room-query", room, hashes };
    }
    default:
      return undefined;
  }
}

function readRow(reader: QDataStreamReader): RoomSummaryRow {
  const row = {
    author: readBytesField(reader, "an author", KEY_LENGTH),
    device: readBytesField(reader, "a device", DEVICE_LENGTH),
    nextMembership: reader.quint32(),
    oldestTalk: reader.quint32(),
    nextTalk: reader.quint32(),
  };
  if (row.oldestTalk <= row.nextTalk) return row;
  throw new ProtocolError("bad-field", "expected the oldest talk before the next, got it behind");
}

function writeRow(writer: QDataStreamWriter, row: RoomSummaryRow): void {
  if (row.oldestTalk > row.nextTalk) {
    throw new RangeError("expected the oldest talk before the next");
  }
  writeBytesField(writer, "an author", row.author, KEY_LENGTH);
  writeBytesField(writer, "a device", row.device, DEVICE_LENGTH);
  writer.quint32(row.nextMembership).quint32(row.oldestTalk).quint32(row.nextTalk);
}

function whatIsWrongInSummary(part: number, parts: number, rows: number): string | undefined {
  if (part >= parts) return `expected a part below ${parts}, got ${part}`;
  if (rows <= MAX_SUMMARY_ROWS) return undefined;
  return `expected at most ${MAX_SUMMARY_ROWS} rows, got ${rows}`;
}

function tooManyHashes(count: number): string {
  return `expected at most ${MAX_QUERY_HASHES} hashes, got ${count}`;
}
