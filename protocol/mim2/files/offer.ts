/** An offer of files: rows of paths, sizes and roots, and a small picture of the first. */

import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { readBytesField, writeBytesField, writeTextField } from "../fields.ts";
import { HASH_LENGTH } from "../signed_statement.ts";
import { describeInvalidPaths, isFolderPath } from "./file_path.ts";
import { imageSize } from "./image_size.ts";

/** A file that is offered, or an empty folder. */
export interface FileRow {
  /** Its path below the top of the offer, with `/` between the parts, and at the end of a folder. */
  readonly path: string;
  /** Its size in bytes, at most {@linkcode limits}.fileBytes; 0 of a folder. */
  readonly size: number;
  /** Its root, 32 bytes: see {@linkcode rootOf}. */
  readonly root: Uint8Array;
}

/** Files that are offered together. See protocol/docs/mim2.md, "Files". */
export interface FileOffer {
  /** At most 200; or one that is the manifest, in which the rows are. */
  readonly rows: readonly FileRow[];
  /** The size of the manifest: how many files, without empty folders, and how many bytes they have. */
  readonly manifest?: { readonly files: number; readonly bytes: number } | undefined;
  /** The media type of the first file; empty if it is not known. */
  readonly mime: string;
  /** A PNG, JPEG or WebP of at most 256 × 256 pixels that shows the first file; or empty. */
  readonly thumbnail: Uint8Array;
}

const MIME = /^(?:[\w!#$&^.+-]{1,64}\/[\w!#$&^.+-]{1,64})?$/;
const MAX_MIME_UNITS = 129;
const MAX_PATH_UNITS = 2_048;

/**
 * The bytes of an offer, as they stand in a message and in a room's entry.
 *
 * @throws {RangeError} if it breaks a limit
 *
 * @example
 * ```ts
 * import { decodeFileOffer, encodeFileOffer, rootOf } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = [{ path: "empty.txt", size: 0, root: rootOf(new Uint8Array(0)) }];
 * const offer = { rows, mime: "text/plain", thumbnail: new Uint8Array(0) };
 * assertEquals(decodeFileOffer(encodeFileOffer(offer)), offer);
 * ```
 */
export function encodeFileOffer(offer: FileOffer): Uint8Array<ArrayBuffer> {
  const { rows, manifest, mime, thumbnail } = offer;
  const reason = describeInvalidOffer(offer);
  if (reason !== undefined) throw new RangeError(`expected an offer, got a wrong one: ${reason}`);
  const writer = new QDataStreamWriter().quint16(rows.length);
  for (const row of rows) writeRow(writer, row);
  writeTextField(writer, "a media type", mime, MAX_MIME_UNITS);
  writer.qbytearray(thumbnail).quint32(manifest?.files ?? 0).quint64(manifest?.bytes ?? 0);
  const bytes = writer.bytes();
  if (bytes.length <= limits.offerBytes) return bytes;
  throw new RangeError(`expected an offer of ${limits.offerBytes} bytes, got ${bytes.length}`);
}

/** Whether files can be offered as rows; else they need a manifest. */
export function fitsOffer(rows: readonly FileRow[], thumbnailBytes: number): boolean {
  if (rows.length > limits.offerRows) return false;
  const rowBytes = rows.reduce((sum, { path }) => sum + 2 * path.length + 48, 0);
  return rowBytes + thumbnailBytes + 2 * MAX_MIME_UNITS + 32 <= limits.offerBytes;
}

/**
 * Reads an offer. Its paths are checked, too.
 *
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeFileOffer(bytes: Uint8Array): FileOffer {
  if (bytes.length > limits.offerBytes) {
    throw bad(`an offer of at most ${limits.offerBytes} bytes, got ${bytes.length}`);
  }
  const reader = new QDataStreamReader(bytes);
  const count = reader.quint16();
  if (count > limits.offerRows) throw bad(`at most ${limits.offerRows} files, got ${count}`);
  const rows = Array.from({ length: count }, () => readRow(reader));
  const mime = reader.qstring(MAX_MIME_UNITS);
  const thumbnail = reader.qbytearray(limits.thumbnailBytes);
  const manifest = { files: reader.quint32(), bytes: reader.quint64() };
  const offer = { rows, mime, thumbnail, ...manifest.files > 0 && { manifest } };
  const reason = describeInvalidOffer(offer);
  if (reason !== undefined) throw bad(`an offer, got a wrong one: ${reason}`);
  return offer;
}

/** How many of the rows are files, and not empty folders. */
export function countFiles(rows: readonly FileRow[]): number {
  return rows.reduce((count, { path }) => isFolderPath(path) ? count : count + 1, 0);
}

/**
 * Writes one row.
 *
 * @throws {RangeError} if a field is out of range
 */
export function writeRow(writer: QDataStreamWriter, { path, size, root }: FileRow): void {
  if (size > mostBytesAt(path)) throw new RangeError(wrongSize(path, size));
  writeTextField(writer, "a path", path, MAX_PATH_UNITS);
  writer.quint64(size);
  writeBytesField(writer, "a root", root, HASH_LENGTH);
}

/**
 * Reads one row; its path is not checked.
 *
 * @throws {ProtocolError} as {@linkcode decodeFileOffer}
 */
export function readRow(reader: QDataStreamReader): FileRow {
  const path = reader.qstring(MAX_PATH_UNITS);
  const size = reader.quint64();
  if (size > mostBytesAt(path)) throw new ProtocolError("bad-field", wrongSize(path, size));
  return { path, size, root: readBytesField(reader, "a root", HASH_LENGTH) };
}

function describeInvalidOffer(
  { rows, manifest, mime, thumbnail }: FileOffer,
): string | undefined {
  if (countFiles(rows) === 0) return "it has no file";
  if (rows.length > limits.offerRows) return `it has over ${limits.offerRows} files`;
  if (!MIME.test(mime)) return "its media type is none";
  if (thumbnail.length > limits.thumbnailBytes) return "its picture is too large";
  if (thumbnail.length > 0) {
    const { width = 0, height = 0 } = imageSize(thumbnail) ?? {};
    const isSmall = (pixels: number) => pixels > 0 && pixels <= limits.thumbnailPixels;
    if (!isSmall(width) || !isSmall(height)) return "its picture is no small one";
  }
  if (manifest !== undefined) {
    const isOne = rows.length === 1 && (rows[0]?.size ?? 0) <= limits.manifestBytes;
    if (!isOne) return "beside a manifest nothing else may stand";
    if (manifest.files > limits.manifestFiles) return `it has over ${limits.manifestFiles} files`;
  }
  return describeInvalidPaths(rows.map(({ path }) => path));
}

function mostBytesAt(path: string): number {
  return isFolderPath(path) ? 0 : limits.fileBytes;
}

function wrongSize(path: string, size: number): string {
  const what = isFolderPath(path) ? "a folder" : "a file";
  return `expected ${what} of at most ${mostBytesAt(path)} bytes, got ${size}`;
}

function bad(what: string): ProtocolError {
  return new ProtocolError("bad-field", `expected ${what}`);
}
