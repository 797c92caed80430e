import type { OpenSource } from "../../core/mod.ts";

/** A file that is being read. */
export class DiskSource implements OpenSource {
  readonly #file: Deno.FsFile;
  #buffer = new Uint8Array(0);

  constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(length);
    await this.#file.seek(offset, Deno.SeekMode.Start);
    let have = 0;
    while (have < length) {
      const read = await this.#file.read(this.#buffer.subarray(have, length));
      if (read === null) break;
      have += read;
    }
    return this.#buffer.subarray(0, have);
  }

  close(): void {
    this.#file.close();
  }
}
