/** Which pieces of a file are there, whenever its link ends. */

import { assertEquals, assertRejects } from "@std/assert";
import type { PartFile } from "../../../../client/core/file_storage.ts";
import { hashOf, readHashes } from "../../../../client/core/files/piece_hashes.ts";
import { TakenFile } from "../../../../client/core/files/taken_file.ts";
import { PIECE_BYTES, rootOf } from "../../../../protocol/mod.ts";

const PIECES = 4;
const CONTENT = new Uint8Array(PIECES * PIECE_BYTES).map((_, at) => at >> 18);

/** A part of which the first pieces are there; before a piece is read, `onRead` is called. */
function partOf(stored: number, onRead: (piece: number) => void = () => {}): PartFile {
  const bytes = CONTENT.slice(0, stored * PIECE_BYTES);
  return {
    length: bytes.length,
    read: (offset, length) => {
      onRead(offset / PIECE_BYTES);
      return Promise.resolve(bytes.subarray(offset, offset + length));
    },
    write: () => Promise.resolve(),
    finish: () => Promise.resolve("there"),
    close: () => {},
  };
}

async function takenFile(...parts: PartFile[]): Promise<TakenFile> {
  const read = (offset: number, length: number) =>
    Promise.resolve(CONTENT.subarray(offset, offset + length));
  const hashes = await readHashes({ read }, CONTENT.length) ?? new Uint8Array(0);
  const row = { path: "a", size: CONTENT.length, root: rootOf(hashes) };
  const open = () => Promise.resolve(parts.shift() ?? partOf(0));
  const file = new TakenFile(0, row, { open, onFinished: () => {} });
  file.hashes = hashes;
  return file;
}

Deno.test("taken file: a link that ends while stored pieces are looked at makes none count twice", async () => {
  for (let end = 0; end < 3; end++) {
    const file = await takenFile(
      partOf(3, (piece) => {
        if (piece === end) file.close();
      }),
      partOf(3),
    );
    let bytes = 0;
    const onBytes = (count: number) => bytes += count;
    await file.open();
    await assertRejects(() => file.check(onBytes), Error, "closed meanwhile");
    await file.open();
    await file.check(onBytes);
    assertEquals([0, 1, 2, 3].map((piece) => file.has(piece)), [true, true, true, false]);
    assertEquals(bytes, 3 * PIECE_BYTES);
    assertEquals(file.isComplete, false);
  }
});

Deno.test("taken file: a piece that is stored twice counts once", async () => {
  const file = await takenFile(partOf(0));
  await file.open();
  await file.check(() => {});
  const piece = CONTENT.subarray(0, PIECE_BYTES);
  assertEquals(hashOf(piece), file.hashes?.subarray(0, 32));
  for (let time = 0; time < PIECES; time++) await file.write(0, piece);
  assertEquals(file.isComplete, false);
  for (const at of [1, 2, 3]) await file.write(at, piece);
  assertEquals(file.isComplete, true);
});
