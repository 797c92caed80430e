import type { OpenSource } from "../../core/mod.ts";

/** A file that is being read. */
export class DiskSource implements OpenSource {
  readonly #file: Deno.FsFile;
  /** Two, in turn: what was read stays while the next piece is read. */
  #buffers: readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  /** The place in the file; undefined if something else may have moved it. */
  #position: number | undefined;

  constructor(file: Deno.FsFile) {
    this.#file = file;
    this.#buffers = [new Uint8Array(0), new Uint8Array(0)];
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const [other, used] = this.#buffers;
    const buffer = used.length < length ? new Uint8Array(length) : used;
    this.#buffers = [buffer, other];
    if (this.#position !== offset) await this.#file.seek(offset, Deno.SeekMode.Start);
    this.#position = undefined;
    let have = 0;
    while (have < length) {
      const read = await this.#file.read(buffer.subarray(have, length));
      if (read === null) break;
      have += read;
    }
    this.#position = offset + have;
    return buffer.subarray(0, have);
  }

  /** Something else moves the place in the file. */
  moved(): void {
    this.#position = undefined;
  }

  close(): void {
    this.#file.close();
  }
}
