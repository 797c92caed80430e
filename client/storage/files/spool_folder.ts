import { join } from "node:path";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import type { SourceFile } from "../../core/mod.ts";
import { createDataDir } from "../data_dir.ts";
import { claimFile } from "./claim_file.ts";

/** Ends the name of the file by which a program holds a copy. */
const CLAIM_SUFFIX = ".claim";

/** Copies of streams that are offered: each belongs to a transfer, or to the program that makes it. */
export class SpoolFolder implements Disposable {
  readonly #folder: string;
  /** What this program has made, by location. */
  readonly #claims = new Map<string, Disposable>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws {RangeError} if the stream has another length */
  async add(name: string, stream: ReadableStream<Uint8Array>, size: number): Promise<SourceFile> {
    await createDataDir(this.#folder);
    const location = join(this.#folder, crypto.randomUUID());
    const claim = claimFile(location + CLAIM_SUFFIX);
    if (claim !== undefined) this.#claims.set(location, claim);
    let length = 0;
    try {
      using file = await Deno.open(location, { write: true, createNew: true, mode: 0o600 });
      for await (const part of stream) {
        length += part.length;
        if (length > size) break;
        await writeAll(file, part);
      }
      if (length !== size) {
        throw new RangeError(`expected a stream of ${size} bytes, got another number`);
      }
      return { path: name, location, size, isSpooled: true };
    } catch (error) {
      await this.remove(location).catch(() => {});
      throw error;
    }
  }

  async remove(location: string): Promise<void> {
    this.#claims.get(location)?.[Symbol.dispose]();
    this.#claims.delete(location);
    await Deno.remove(location);
  }

  /**
   * Removes what programs have left that were killed.
   *
   * @param sources gives the locations that belong to transfers
   */
  async clearOrphans(sources: () => Promise<ReadonlySet<string>>): Promise<void> {
    const claims = new Map<string, Disposable>();
    try {
      for await (const { name } of Deno.readDir(this.#folder)) {
        const location = join(this.#folder, name.replace(CLAIM_SUFFIX, ""));
        if (claims.has(location) || this.#claims.has(location)) continue;
        const claim = claimFile(location + CLAIM_SUFFIX);
        if (claim !== undefined) claims.set(location, claim);
      }
      // Asked now: a program that has just ended may have stored the transfer before.
      const used = claims.size === 0 ? new Set<string>() : await sources();
      for (const location of claims.keys()) {
        if (!used.has(location)) await Deno.remove(location).catch(() => {});
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    } finally {
      for (const claim of claims.values()) claim[Symbol.dispose]();
    }
  }

  /** Lets go of what belongs to transfers now. */
  [Symbol.dispose](): void {
    for (const claim of this.#claims.values()) claim[Symbol.dispose]();
    this.#claims.clear();
  }
}
