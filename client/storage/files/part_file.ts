import { dirname } from "node:path";
import { numberedPath } from "../../../protocol/mod.ts";
import { PartBusyError, type PartFile } from "../../core/mod.ts";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { asDiskError } from "./disk_errors.ts";
import { DiskSource } from "./disk_source.ts";

/** So many files of the same name there may be. */
const MAX_NUMBER = 10_000;

/** A file that is not complete yet, under a name of its own. */
export class DiskPartFile implements PartFile {
  readonly length: number;
  readonly #path: string;
  readonly #target: string;
  readonly #file: Deno.FsFile;
  readonly #source: DiskSource;
  readonly #onClose: () => void;
  /** The operations on the file, one after the other: each seeks first, unless it is in its place. */
  #working: Promise<unknown> = Promise.resolve();
  /** The end of the last write, if nothing was read after it. */
  #position: number | undefined;
  #isClosed = false;

  /**
   * Opens the part, or creates one.
   *
   * @param target where the complete file goes, if nothing is there
   * @throws {PartBusyError} if another program writes it
   */
  static async open(path: string, target: string, onClose: () => void): Promise<DiskPartFile> {
    const there = lstatOf(path);
    if (there !== undefined && !there.isFile) throw new Error(`${path} is no file; move it away`);
    try {
      const options = { read: true, write: true, create: true, mode: 0o644 };
      const file = await Deno.open(path, options);
      const isOwn = await file.tryLock(true);
      const info = await file.stat();
      if (!isOwn || (there !== undefined && there.ino !== info.ino)) {
        file.close();
        throw new PartBusyError(`${path} is being written by another program`);
      }
      return new DiskPartFile(path, target, file, info.size, onClose);
    } catch (error) {
      throw asDiskError(error);
    }
  }

  private constructor(
    path: string,
    target: string,
    file: Deno.FsFile,
    length: number,
    onClose: () => void,
  ) {
    this.#onClose = onClose;
    this.#path = path;
    this.#target = target;
    this.#file = file;
    this.#source = new DiskSource(file);
    this.length = length;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#inTurn(() => {
      this.#position = undefined;
      return this.#source.read(offset, length);
    });
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#position !== offset) await this.#file.seek(offset, Deno.SeekMode.Start);
      this.#position = undefined;
      this.#source.moved();
      await writeAll(this.#file, bytes);
      this.#position = offset + bytes.length;
    });
  }

  finish(): Promise<string> {
    return this.#inTurn(async () => {
      await this.#file.sync();
      try {
        return await this.#move();
      } finally {
        this.#closeFile();
      }
    });
  }

  async #move(): Promise<string> {
    for (let number = 1; number <= MAX_NUMBER; number++) {
      const path = number === 1 ? this.#target : numberedName(this.#target, number);
      if (await moveTo(this.#path, path)) return path;
    }
    throw new Error(`there are ${MAX_NUMBER} files like ${this.#target}`);
  }

  close(): void {
    void this.#working.then(() => this.#closeFile());
  }

  #closeFile(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#file.close();
    this.#onClose();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const working = this.#working.then(work).catch((error) => {
      throw asDiskError(error);
    });
    this.#working = working.catch(() => {});
    return working;
  }
}

function numberedName(path: string, number: number): string {
  const folder = dirname(path);
  return folder + numberedPath(path.slice(folder.length), number);
}

/** Gives a file its name, unless something has that name: then false. */
async function moveTo(from: string, to: string): Promise<boolean> {
  try {
    // Unlike a rename, this never replaces anything.
    await Deno.link(from, to);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw error;
    if (!(error instanceof Deno.errors.AlreadyExists)) return await renameTo(from, to); // no links
    if (!isSameFile(from, to)) return false;
  }
  await Deno.remove(from);
  return true;
}

async function renameTo(from: string, to: string): Promise<boolean> {
  if (lstatOf(to) !== undefined) return false;
  await Deno.rename(from, to);
  return true;
}

/** Whether two paths are one file: a program that was killed had given it its name already. */
export function isSameFile(one: string, other: string): boolean {
  const [there, same] = [lstatOf(one), lstatOf(other)];
  return there !== undefined && same !== undefined && there.ino !== null &&
    there.ino === same.ino && there.dev === same.dev;
}

/** The entry at a path, without following a link; undefined if there is nothing. */
export function lstatOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
