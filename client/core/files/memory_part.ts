import type { PartFile } from "../file_storage.ts";

/** A file that is taken into memory, such as a list of files. */
export function memoryPart(bytes: Uint8Array): PartFile {
  return {
    length: 0,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
    write: (offset, piece) => {
      bytes.set(piece, offset);
      return Promise.resolve();
    },
    finish: () => Promise.resolve(""),
    close: () => {},
  };
}
