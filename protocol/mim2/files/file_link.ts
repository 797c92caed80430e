/** The messages of both sides over a file link, behind its handshake. */

import { concat } from "@std/bytes/concat";
import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { readBytesField, writeBytesField, writeTextField } from "../fields.ts";
import { HASH_LENGTH } from "../signed_statement.ts";
import { PIECE_BYTES } from "./pieces.ts";

/** Bytes of a token, which opens one link once. */
export const TOKEN_LENGTH = 16;
/** Hashes that are asked for, or told, at once. */
const MAX_HASHES = 2_000;
/** Bytes of a message `D` before its data. */
const DATA_HEAD_BYTES = 13;

/**
 * Why a transfer ends or waits.
 *
 * @example
 * ```ts
 * import { fileEndCodes } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fileEndCodes.changed, 2);
 * ```
 */
export const fileEndCodes = {
  /** Everything is there, and checked. */
  "done": 0,
  /** There is no such offer for the peer that asks. */
  "not for you": 1,
  /** The file is not any more what was offered. */
  "changed": 2,
  /** Others are served first; the text is the place in line, from 1; 0 while the giver pauses. */
  "wait": 3,
  /** The user has stopped it, or can't go on. */
  "stopped": 4,
  /** The other side's end has been heard. */
  "noted": 5,
} as const;

/** One of {@linkcode fileEndCodes}. */
export type FileEndCode = typeof fileEndCodes[keyof typeof fileEndCodes];

/** The end of a file link. */
export interface FileEnd {
  /** The link is of no more use; or, from the giver with `changed`, one file is not. */
  readonly type: "end";
  /** Why. */
  readonly code: FileEndCode;
  /** More about it; not yet safe to print. */
  readonly text: string;
}

/** A message of the taker of files. See protocol/docs/mim2.md, "Files". */
export type FileTakerMessage =
  /** Opens the link, if the taker has dialed. 16 bytes. */
  | { readonly type: "token"; readonly token: Uint8Array }
  /** From here on it asks for that file of the offer, counted from 0. */
  | { readonly type: "file"; readonly file: number }
  /** Asks for the hashes of so many pieces, at most 2,000. */
  | { readonly type: "hashes"; readonly first: number; readonly count: number }
  /** Asks for so many pieces. */
  | { readonly type: "pieces"; readonly first: number; readonly count: number }
  | FileEnd;

/** A message of the giver of files. See protocol/docs/mim2.md, "Files". */
export type FileGiverMessage =
  /** Opens the link, if the giver has dialed. 16 bytes. */
  | { readonly type: "token"; readonly token: Uint8Array }
  /** The hashes of pieces, 32 bytes each. */
  | { readonly type: "hashes"; readonly first: number; readonly hashes: Uint8Array }
  /** Bytes of a piece, at most 65,000. */
  | {
    readonly type: "data";
    readonly piece: number;
    readonly offset: number;
    readonly bytes: Uint8Array;
  }
  | FileEnd;

const TOKEN = 0x4f;
const FILE = 0x66;
const HASHES = 0x68;
const PIECES = 0x72;
const DATA = 0x44;
const END = 0x5a;

/**
 * Encodes what a taker says, which {@linkcode NoiseTransport} then encrypts.
 *
 * @throws {RangeError} if a field has a wrong length or is out of range
 */
export function encodeFileTakerMessage(message: FileTakerMessage): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter();
  switch (message.type) {
    case "token":
      return encodeToken(message.token);
    case "file":
      return writer.quint8(FILE).quint32(message.file).bytes();
    case "hashes":
      if (message.count > MAX_HASHES) throw new RangeError(wrongCount(message.count));
      return writer.quint8(HASHES).quint32(message.first).quint16(message.count).bytes();
    case "pieces":
      return writer.quint8(PIECES).quint32(message.first).quint32(message.count).bytes();
    case "end":
      return encodeEnd(message);
  }
}

/**
 * Reads what a taker says.
 *
 * @returns undefined if its type is not known: it is to be skipped
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeFileTakerMessage(payload: Uint8Array): FileTakerMessage | undefined {
  const reader = new QDataStreamReader(payload);
  switch (reader.quint8()) {
    case TOKEN:
      return { type: "token", token: readBytesField(reader, "a token", TOKEN_LENGTH) };
    case FILE:
      return { type: "file", file: reader.quint32() };
    case HASHES: {
      const [first, count] = [reader.quint32(), reader.quint16()];
      if (count > MAX_HASHES) throw new ProtocolError("bad-field", wrongCount(count));
      return { type: "hashes", first, count };
    }
    case PIECES:
      return { type: "pieces", first: reader.quint32(), count: reader.quint32() };
    case END:
      return readEnd(reader);
    default:
      return undefined;
  }
}

/**
 * Encodes what a giver says, which {@linkcode NoiseTransport} then encrypts.
 *
 * @throws {RangeError} if a field has a wrong length or is out of range
 *
 * @example
 * ```ts
 * import { decodeFileGiverMessage, encodeFileGiverMessage } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const data = { type: "data", piece: 1, offset: 0, bytes: new Uint8Array([7]) } as const;
 * assertEquals(decodeFileGiverMessage(encodeFileGiverMessage(data)), data);
 * ```
 */
export function encodeFileGiverMessage(message: FileGiverMessage): Uint8Array<ArrayBuffer> {
  switch (message.type) {
    case "token":
      return encodeToken(message.token);
    case "hashes":
      if (message.hashes.length % HASH_LENGTH !== 0 || message.hashes.length > maxHashBytes()) {
        throw new RangeError(wrongHashes(message.hashes.length));
      }
      return new QDataStreamWriter().quint8(HASHES).quint32(message.first)
        .qbytearray(message.hashes).bytes();
    case "data": {
      const { piece, offset, bytes } = message;
      return concat([encodeFileDataHead(piece, offset, bytes.length), bytes]);
    }
    case "end":
      return encodeEnd(message);
  }
}

/**
 * The head of a message `data`, before the bytes, so that these need not be copied.
 *
 * @throws {RangeError} if there are over 65,000
 */
export function encodeFileDataHead(
  piece: number,
  offset: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  if (length > limits.fileDataBytes) throw new RangeError(wrongData(length));
  return new QDataStreamWriter().quint8(DATA).quint32(piece).quint32(offset).quint32(length)
    .bytes();
}

/**
 * Reads what a giver says. The bytes of `data` are a view.
 *
 * @returns undefined if its type is not known: it is to be skipped
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeFileGiverMessage(payload: Uint8Array): FileGiverMessage | undefined {
  const reader = new QDataStreamReader(payload);
  switch (reader.quint8()) {
    case TOKEN:
      return { type: "token", token: readBytesField(reader, "a token", TOKEN_LENGTH) };
    case HASHES: {
      const first = reader.quint32();
      const hashes = reader.qbytearray(maxHashBytes());
      if (hashes.length % HASH_LENGTH === 0) return { type: "hashes", first, hashes };
      throw new ProtocolError("bad-field", wrongHashes(hashes.length));
    }
    case DATA: {
      const [piece, offset, length] = [reader.quint32(), reader.quint32(), reader.quint32()];
      const isWithin = length > 0 && offset + length <= PIECE_BYTES;
      if (length > limits.fileDataBytes || !isWithin) {
        throw new ProtocolError("bad-field", wrongData(length));
      }
      if (length > reader.remaining) {
        throw new ProtocolError("overrun", `expected ${length} bytes, got ${reader.remaining}`);
      }
      const bytes = payload.subarray(DATA_HEAD_BYTES, DATA_HEAD_BYTES + length);
      return { type: "data", piece, offset, bytes };
    }
    case END:
      return readEnd(reader);
    default:
      return undefined;
  }
}

function encodeToken(token: Uint8Array): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter().quint8(TOKEN);
  writeBytesField(writer, "a token", token, TOKEN_LENGTH);
  return writer.bytes();
}

function encodeEnd({ code, text }: FileEnd): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter().quint8(END).quint8(code);
  writeTextField(writer, "a text", text, limits.fileEndUnits);
  return writer.bytes();
}

function readEnd(reader: QDataStreamReader): FileEnd {
  return {
    type: "end",
    code: endCodeOf(reader.quint8()),
    text: reader.qstring(limits.fileEndUnits),
  };
}

/** The code of a number; one of a later version is read as `stopped`. */
export function endCodeOf(number: number): FileEndCode {
  return Object.values(fileEndCodes).find((code) => code === number) ?? fileEndCodes.stopped;
}

function maxHashBytes(): number {
  return MAX_HASHES * HASH_LENGTH;
}

function wrongCount(count: number): string {
  return `expected at most ${MAX_HASHES} hashes, got ${count}`;
}

function wrongHashes(length: number): string {
  return `expected whole hashes, at most ${MAX_HASHES}, got ${length} bytes`;
}

function wrongData(length: number): string {
  return `expected 1 to ${limits.fileDataBytes} bytes within a piece, got ${length}`;
}
