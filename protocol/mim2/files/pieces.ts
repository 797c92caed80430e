/** How files are cut into pieces, and what names their content. */

import { sha256 } from "../../crypto/mod.ts";

/** Bytes of a piece; the last one of a file may have fewer. */
export const PIECE_BYTES = 1_048_576;

/** How many pieces a file of so many bytes has. */
export function pieceCount(size: number): number {
  return Math.ceil(size / PIECE_BYTES);
}

/** Bytes of that piece of a file of so many bytes; 0 behind its end. */
export function pieceLength(size: number, piece: number): number {
  return Math.max(0, Math.min(PIECE_BYTES, size - piece * PIECE_BYTES));
}

/**
 * The root of a file: the SHA-256 of the SHA-256s of its pieces, one after the other.
 * See protocol/docs/mim2.md, "Files".
 *
 * @param hashes 32 bytes for each piece; none for an empty file
 *
 * @example
 * ```ts
 * import { rootOf } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
 * assertEquals(rootOf(new Uint8Array(0)).toHex(), nothing);
 * ```
 */
export function rootOf(hashes: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(hashes);
}
