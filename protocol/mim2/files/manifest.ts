/** The list of files that are too many for an offer, as the content of a file of its own. */

import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { describeInvalidPaths } from "./file_path.ts";
import { countFiles, type FileOffer, type FileRow, readRow, writeRow } from "./offer.ts";

/**
 * The content of a manifest: the number of its rows, and each as in an offer.
 * See protocol/docs/mim2.md, "Files".
 *
 * @throws {RangeError} if there are over 100,000, or a row can't be offered
 *
 * @example
 * ```ts
 * import { decodeManifest, encodeManifest, rootOf } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = [{ path: "a/b", size: 0, root: rootOf(new Uint8Array(0)) }];
 * assertEquals(decodeManifest(encodeManifest(rows), { files: 1, bytes: 0 }), rows);
 * ```
 */
export function encodeManifest(rows: readonly FileRow[]): Uint8Array<ArrayBuffer> {
  const reason = describeInvalidPaths(rows.map(({ path }) => path));
  if (reason !== undefined) throw new RangeError(`expected a manifest, got a wrong one: ${reason}`);
  const writer = new QDataStreamWriter().quint32(rows.length);
  for (const row of rows) writeRow(writer, row);
  const bytes = writer.bytes();
  if (rows.length <= limits.manifestFiles && bytes.length <= limits.manifestBytes) return bytes;
  throw new RangeError(
    `expected at most ${limits.manifestFiles} files, and ${limits.manifestBytes} bytes of paths, ` +
      `got ${rows.length} and ${bytes.length}`,
  );
}

/**
 * Reads a manifest, and checks that it holds what the offer says.
 *
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeManifest(
  bytes: Uint8Array,
  expected: NonNullable<FileOffer["manifest"]>,
): FileRow[] {
  const reader = new QDataStreamReader(bytes);
  const count = reader.quint32();
  if (count > limits.manifestFiles) {
    throw new ProtocolError(
      "bad-field",
      `expected at most ${limits.manifestFiles} rows, got ${count}`,
    );
  }
  const rows = Array.from({ length: count }, () => readRow(reader));
  const files = countFiles(rows);
  if (files !== expected.files) {
    throw new ProtocolError("bad-field", `expected ${expected.files} files, got ${files}`);
  }
  const sum = rows.reduce((sum, { size }) => sum + size, 0);
  if (sum !== expected.bytes) {
    throw new ProtocolError("bad-field", `expected ${expected.bytes} bytes in all, got ${sum}`);
  }
  const reason = describeInvalidPaths(rows.map(({ path }) => path));
  if (reason === undefined) return rows;
  throw new ProtocolError("bad-field", `expected a manifest, got a wrong one: ${reason}`);
}
