/** Entries of rooms: a signed header, and a body that the header names by its hash. */

import { equals } from "@std/bytes/equals";
import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { KEY_LENGTH, sha256, SIGNATURE_LENGTH } from "../../crypto/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { readBytesField, readTime, writeBytesField, writeTime } from "../fields.ts";
import { createSignature, HASH_LENGTH, isSignatureValid } from "../signed_statement.ts";
import { isMembershipKind, roomKinds } from "./room_kinds.ts";

const VERSION = 1;
/** Bytes of a device. */
export const DEVICE_LENGTH = 8;
/** How many entries each of the two lists of a header names. */
const MAX_PARENTS = 8;
/** A header with both lists full. */
export const MAX_HEADER_BYTES = 716;

/** The part of an entry that its author signs. See protocol/docs/mim2.md, "Rooms". */
export interface RoomHeader {
  /** The hash of the room's first entry, 32 bytes; empty in that one. */
  readonly room: Uint8Array;
  /** The author's public key, 32 bytes. */
  readonly author: Uint8Array;
  /** Which of the author's data folders it was written in, 8 random bytes. */
  readonly device: Uint8Array;
  /** How many entries of the same sort (membership or talk) this author has written there before. */
  readonly count: number;
  /** The newest membership entries that the author had: hashes that ascend, at most eight. */
  readonly membership: readonly Uint8Array[];
  /** The newest other entries likewise; none in a membership entry. */
  readonly talk: readonly Uint8Array[];
  /** When it was written, as the author says, in milliseconds since 1970. */
  readonly at: number;
  /** One of {@linkcode roomKinds}, or of a later version. */
  readonly kind: number;
  /** Bytes of the body. */
  readonly bodyLength: number;
  /** SHA-256 of the body, 32 bytes. */
  readonly bodyHash: Uint8Array;
}

/**
 * An entry as it travels and is kept. Nothing in it is checked: see {@linkcode isRoomEntryValid}.
 * See protocol/docs/mim2.md, "Rooms".
 */
export interface RoomEntry {
  /** The header's bytes, as they came. */
  readonly header: Uint8Array;
  /** The author's signature over the statement of type `room`, 64 bytes. */
  readonly signature: Uint8Array;
  /** The body; undefined if it was withheld, was erased, or has not come yet. */
  readonly body?: Uint8Array | undefined;
}

/**
 * The bytes of a header.
 *
 * @throws {RangeError} if a field has a wrong length, is out of range, or contradicts another one
 *
 * @example
 * ```ts
 * import { decodeRoomHeader, encodeRoomHeader, roomKinds } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const header = {
 *   room: new Uint8Array(),
 *   author: new Uint8Array(32),
 *   device: new Uint8Array(8),
 *   count: 0,
 *   membership: [],
 *   talk: [],
 *   at: 1,
 *   kind: roomKinds.create,
 *   bodyLength: 16,
 *   bodyHash: new Uint8Array(32),
 * };
 * assertEquals(decodeRoomHeader(encodeRoomHeader(header)), header);
 * ```
 */
export function encodeRoomHeader(header: RoomHeader): Uint8Array<ArrayBuffer> {
  const wrong = whatIsWrong(header);
  if (wrong !== undefined) throw new RangeError(wrong);
  return headerBytes(header);
}

/**
 * Reads a header. One that its author would have encoded in another way is refused.
 *
 * @throws {ProtocolError} `overrun`, `bad-field`
 */
export function decodeRoomHeader(bytes: Uint8Array): RoomHeader {
  if (bytes.length > MAX_HEADER_BYTES) {
    throw wrongField(`expected a header of at most ${MAX_HEADER_BYTES} bytes, got ${bytes.length}`);
  }
  const reader = new QDataStreamReader(bytes);
  const version = reader.quint8();
  if (version !== VERSION) throw wrongField(`expected an entry of version 1, got ${version}`);
  const header = {
    room: readBytesField(reader, "a room", HASH_LENGTH, true),
    author: readBytesField(reader, "an author", KEY_LENGTH),
    device: readBytesField(reader, "a device", DEVICE_LENGTH),
    count: reader.quint32(),
    membership: readHashes(reader),
    talk: readHashes(reader),
    at: readTime(reader),
    kind: reader.quint8(),
    bodyLength: reader.quint32(),
    bodyHash: readBytesField(reader, "a body's hash", HASH_LENGTH),
  };
  const wrong = whatIsWrong(header);
  if (wrong !== undefined) throw wrongField(wrong);
  if (!equals(headerBytes(header), bytes)) {
    throw wrongField("expected a header in its one encoding, got another");
  }
  return header;
}

/** The hash by which an entry is named; that of a room's first entry is the room's id. */
export function hashRoomHeader(header: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(header);
}

/**
 * Writes an entry.
 *
 * @param header all but what the body says of itself
 * @param body from {@linkcode encodeRoomBody}
 * @param privateKey the author's, 32 bytes
 * @throws {RangeError} if a field has a wrong length, is out of range, or contradicts another one
 */
export function createRoomEntry(
  header: Omit<RoomHeader, "bodyLength" | "bodyHash">,
  body: Uint8Array,
  privateKey: Uint8Array,
): RoomEntry & { readonly body: Uint8Array } {
  const bytes = encodeRoomHeader({ ...header, bodyLength: body.length, bodyHash: sha256(body) });
  const signature = createSignature({ type: "room", header: bytes }, privateKey);
  return { header: bytes, signature, body };
}

/**
 * Whether the author has signed the entry, and its body, if it has one, is the one that the header names.
 *
 * @param header what {@linkcode decodeRoomHeader} read from the entry's header
 */
export function isRoomEntryValid(entry: RoomEntry, header: RoomHeader): boolean {
  return isBodyOf(entry.body, header) &&
    isSignatureValid({ type: "room", header: entry.header }, entry.signature, header.author);
}

function isBodyOf(body: Uint8Array | undefined, header: RoomHeader): boolean {
  return body === undefined ||
    body.length === header.bodyLength && equals(sha256(body), header.bodyHash);
}

/** Reads an entry's three fields out of a message. */
export function readRoomEntry(reader: QDataStreamReader): RoomEntry {
  const header = reader.qbytearray(MAX_HEADER_BYTES);
  const signature = readBytesField(reader, "a signature", SIGNATURE_LENGTH);
  const body = reader.qbytearray(limits.roomEntryBytes);
  return body.length === 0 ? { header, signature } : { header, signature, body };
}

/** Writes them. */
export function writeRoomEntry(writer: QDataStreamWriter, entry: RoomEntry): void {
  writer.qbytearray(entry.header);
  writeBytesField(writer, "a signature", entry.signature, SIGNATURE_LENGTH);
  writer.qbytearray(entry.body ?? new Uint8Array());
}

function headerBytes(header: RoomHeader): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter().quint8(VERSION);
  writeBytesField(writer, "a room", header.room, HASH_LENGTH, true);
  writeBytesField(writer, "an author", header.author, KEY_LENGTH);
  writeBytesField(writer, "a device", header.device, DEVICE_LENGTH);
  writer.quint32(header.count);
  for (const hashes of [header.membership, header.talk]) {
    writer.quint8(hashes.length);
    for (const hash of hashes) writeBytesField(writer, "a hash", hash, HASH_LENGTH);
  }
  writeTime(writer, header.at);
  writer.quint8(header.kind).quint32(header.bodyLength);
  writeBytesField(writer, "a body's hash", header.bodyHash, HASH_LENGTH);
  return writer.bytes();
}

function readHashes(reader: QDataStreamReader): Uint8Array[] {
  const count = reader.quint8();
  if (count > MAX_PARENTS) {
    throw wrongField(`expected at most ${MAX_PARENTS} entries before it, got ${count}`);
  }
  return Array.from({ length: count }, () => readBytesField(reader, "a hash", HASH_LENGTH));
}

/** A description of the error in a header's values. */
function whatIsWrong({ room, count, membership, talk, kind, bodyLength }: RoomHeader):
  | string
  | undefined {
  const isFirst = kind === roomKinds.create;
  if (isFirst !== (room.length === 0)) return "expected a room in all entries but its first";
  if (isFirst && count !== 0) return `expected the count 0 in a room's first entry, got ${count}`;
  if (isFirst ? membership.length > 0 : isMembershipKind(kind) && membership.length === 0) {
    return "expected membership entries before those of a room, and none before its first";
  }
  if (isMembershipKind(kind) && talk.length > 0) {
    return "expected no talk before a membership entry";
  }
  for (const hashes of [membership, talk]) {
    if (hashes.length > MAX_PARENTS) {
      return `expected at most ${MAX_PARENTS} entries before it, got ${hashes.length}`;
    }
    if (!hashes.every((hash, at) => at === 0 || isLess(hashes[at - 1], hash))) {
      return "expected hashes that ascend";
    }
  }
  const most = limits.roomEntryBytes - MAX_HEADER_BYTES;
  if (bodyLength < limits.roomSaltBytes || bodyLength > most) {
    return `expected a body of ${limits.roomSaltBytes} to ${most} bytes, got ${bodyLength}`;
  }
  return undefined;
}

function isLess(one: Uint8Array | undefined, other: Uint8Array): boolean {
  if (one === undefined) return true;
  const at = one.findIndex((byte, index) => byte !== other[index]);
  return at >= 0 && (one[at] ?? 0) < (other[at] ?? 0);
}

function wrongField(message: string): ProtocolError {
  return new ProtocolError("bad-field", message);
}
