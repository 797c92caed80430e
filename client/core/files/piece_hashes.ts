import { equals } from "@std/bytes/equals";
import {
  type FileRow,
  PIECE_BYTES,
  pieceCount,
  pieceLength,
  rootOf,
} from "../../../protocol/mod.ts";
import { Sha256 } from "../../../protocol/mod.ts";
import type { OpenSource } from "../file_storage.ts";

/** The length of a hash, in bytes. */
export const HASH_BYTES = 32;

export function hashOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const hash = new Sha256();
  hash.update(bytes);
  return hash.digest();
}

/**
 * The hashes of a file's pieces; undefined if it has become shorter.
 *
 * @param onBytes called after each piece
 */
export async function readHashes(
  source: Pick<OpenSource, "read">,
  size: number,
  onBytes: (count: number) => void = () => {},
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const count = pieceCount(size);
  const hashes = new Uint8Array(count * HASH_BYTES);
  for (let piece = 0; piece < count; piece++) {
    const length = pieceLength(size, piece);
    const bytes = await source.read(piece * PIECE_BYTES, length);
    if (bytes.length < length) return undefined;
    hashes.set(hashOf(bytes), piece * HASH_BYTES);
    onBytes(length);
  }
  return hashes;
}

/** The hash of a piece in such a list. */
function hashAt(hashes: Uint8Array, piece: number): Uint8Array {
  return hashes.subarray(piece * HASH_BYTES, (piece + 1) * HASH_BYTES);
}

/** Whether a piece is the one that was offered; the only one of a file needs no list. */
export function isPiece(
  row: FileRow,
  hashes: Uint8Array | undefined,
  piece: number,
  bytes: Uint8Array,
): boolean {
  if (bytes.length !== pieceLength(row.size, piece)) return false;
  const hash = hashOf(bytes);
  return hashes === undefined
    ? pieceCount(row.size) === 1 && equals(rootOf(hash), row.root)
    : equals(hash, hashAt(hashes, piece));
}
