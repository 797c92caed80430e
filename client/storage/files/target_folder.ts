import { dirname, join, sep } from "node:path";
import { createHash } from "node:crypto";
import { statfsSync } from "node:fs";
import { type FileRow, isFolderPath, numberedPath, PIECE_BYTES } from "../../../protocol/mod.ts";
import {
  DiskFullError,
  type OpenSource,
  type PartFile,
  type TargetFolder,
} from "../../core/mod.ts";
import { asDiskError } from "./disk_errors.ts";
import { DiskPartFile, isSameFile, lstatOf } from "./part_file.ts";
import { openSource } from "./source_files.ts";

/** Ends the name of a folder that is not complete. */
const PART_SUFFIX = ".part";
/** So many folders of the same name there may be. */
const MAX_NUMBER = 10_000;
/** How much is written between two looks at the free space. */
const SPACE_INTERVAL_BYTES = 2 ** 30;
/** After so many empty folders, everything else has its turn. */
const FOLDERS_PER_TURN = 500;

/** The folder of a transfer: everything goes below it, and nothing over what is there. */
export class DiskTargetFolder implements TargetFolder {
  tops: Readonly<Record<string, string>>;
  readonly #into: string;
  /** Whether one folder holds everything that comes. */
  readonly #isOneFolder: boolean;
  /** The parts that are open, each until it is closed: several files may have the same content. */
  readonly #open = new Map<string, Promise<void>>();
  /** Folders that were made, or looked at. */
  readonly #folders = new Set<string>();
  /** Folders of which nothing is left, since none of their files comes. */
  readonly #removed = new Set<string>();

  /** @throws {DiskFullError} if there is no room for the files */
  static async open(
    into: string,
    rows: readonly FileRow[],
    tops?: Readonly<Record<string, string>>,
  ): Promise<DiskTargetFolder> {
    try {
      await Deno.mkdir(into, { recursive: true });
      const folder = new DiskTargetFolder(await Deno.realPath(into), rows, tops);
      await folder.#makeEmpty(rows);
      return folder;
    } catch (error) {
      throw asDiskError(error);
    }
  }

  private constructor(
    into: string,
    rows: readonly FileRow[],
    tops: Readonly<Record<string, string>> | undefined,
  ) {
    this.#into = into;
    this.#isOneFolder = rows.every(({ path }) => path.includes("/"));
    this.tops = tops ?? this.#makeTops(rows);
  }

  async #makeEmpty(rows: readonly FileRow[]): Promise<void> {
    for (const [index, row] of rows.filter(({ path }) => isFolderPath(path)).entries()) {
      if (index % FOLDERS_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve));
      this.#pathOf(row, true);
    }
  }

  async end(only: string | undefined): Promise<string> {
    let moved = only;
    for (const [name, top] of Object.entries(this.tops)) {
      if (!top.endsWith(PART_SUFFIX)) continue;
      const before = join(this.#into, top);
      if (this.#removed.has(before)) continue;
      const named = this.#makeTop(localName(name), "");
      const after = join(this.#into, named);
      await replaceEmpty(before, after).catch((error) => {
        throw asDiskError(error);
      });
      this.tops = { ...this.tops, [name]: named };
      if (only?.startsWith(before + sep)) moved = after + only.slice(before.length);
    }
    const there = Object.values(this.tops).filter((top) =>
      !this.#removed.has(join(this.#into, top))
    );
    const [top, ...others] = there;
    const isIn = this.#isOneFolder && top !== undefined && others.length === 0;
    return moved ?? (isIn ? join(this.#into, top) : this.#into);
  }

  freeBytes(): number | undefined {
    try {
      const { bavail, bsize } = statfsSync(this.#into);
      return bavail * bsize;
    } catch {
      return undefined; // it may not be looked up
    }
  }

  async open(row: FileRow): Promise<PartFile> {
    const free = this.freeBytes();
    const needed = Math.min(row.size, SPACE_INTERVAL_BYTES);
    const target = this.#pathOf(row, true);
    const part = partOf(target, row);
    const have = lstatOf(part)?.size ?? 0;
    if (free !== undefined && free + have < needed) {
      throw new DiskFullError(`${free} bytes are free, and ${needed} are needed`);
    }
    for (let open; (open = this.#open.get(part)) !== undefined;) await open;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#open.set(part, promise);
    const onClose = () => {
      this.#open.delete(part);
      resolve();
    };
    const opening = DiskPartFile.open(part, target, onClose);
    opening.catch(onClose);
    const file = await opening;
    return row.size > SPACE_INTERVAL_BYTES ? new SpaceWatch(file, row.size, this) : file;
  }

  async existing(row: FileRow): Promise<(OpenSource & { readonly path: string }) | undefined> {
    const path = this.#pathOf(row, false);
    const there = lstatOf(path);
    if (there === undefined || !there.isFile || there.size !== row.size) return undefined;
    const part = partOf(path, row);
    if (isSameFile(part, path)) await Deno.remove(part);
    const source = await openSource({ path: row.path, location: path, size: row.size });
    return {
      path,
      read: (offset, length) => source.read(offset, length),
      close: () => source.close(),
    };
  }

  async discard(rows: readonly FileRow[]): Promise<void> {
    const folders = new Set<string>();
    for (const row of rows) {
      const path = this.#pathOf(row, false);
      if (!this.#isBelow(path)) continue;
      await Deno.remove(partOf(path, row)).catch(() => {});
      if (this.#isUnnamed(row)) {
        if (isFolderPath(row.path)) folders.add(path);
        else await Deno.remove(path).catch(() => {});
      }
      for (let at = dirname(path); at.length > this.#into.length; at = dirname(at)) folders.add(at);
    }
    // The deepest first; one that is not empty stays.
    for (const folder of [...folders].sort((one, other) => other.length - one.length)) {
      await Deno.remove(folder).catch(() => {});
      if (lstatOf(folder) !== undefined) continue;
      this.#folders.delete(folder);
      this.#removed.add(folder);
    }
  }

  /** Whether no link leads from a path to another place. */
  #isBelow(path: string): boolean {
    for (let at = dirname(path); at.length > this.#into.length; at = dirname(at)) {
      if (lstatOf(at)?.isDirectory !== true) return false;
    }
    return true;
  }

  /** Whether a file is in a folder that has its name only at the end. */
  #isUnnamed({ path }: FileRow): boolean {
    const [top = "", ...inside] = path.split("/");
    return inside.length > 0 && this.tops[top]?.endsWith(PART_SUFFIX) === true;
  }

  /** The path of a complete file, or of an empty folder; folders are made, and are no links. */
  #pathOf({ path }: FileRow, makes: boolean): string {
    const parts = path.split("/");
    const name = localName(parts.pop() ?? "");
    const [top, ...folders] = parts;
    let folder = this.#into;
    if (top !== undefined) {
      for (const part of [this.tops[top] ?? localName(top), ...folders.map(localName)]) {
        folder = join(folder, part);
        if (makes) this.#makeFolder(folder);
      }
    }
    return join(folder, name);
  }

  #makeFolder(folder: string): void {
    if (this.#folders.has(folder)) return;
    const there = lstatOf(folder);
    if (there === undefined) {
      Deno.mkdirSync(folder);
      this.#removed.delete(folder);
    } else if (!there.isDirectory) throw new Error(`${folder} is no folder; move it away`);
    this.#folders.add(folder);
  }

  /** Makes each folder that the offer has at its top, under a name that says it is not complete. */
  #makeTops(rows: readonly FileRow[]): Record<string, string> {
    const names = rows.flatMap(({ path }) => path.includes("/") ? path.split("/")[0] ?? [] : []);
    const tops = Object.create(null);
    for (const name of new Set(names)) tops[name] = this.#makeTop(localName(name), PART_SUFFIX);
    return tops;
  }

  #makeTop(name: string, suffix: string): string {
    for (let number = 1; number <= MAX_NUMBER; number++) {
      const top = (number === 1 ? name : numberedPath(name, number)) + suffix;
      try {
        Deno.mkdirSync(join(this.#into, top));
        return top;
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
    }
    throw new Error(`there are ${MAX_NUMBER} folders like ${name}`);
  }
}

/** Moves a folder to where an empty one is. */
async function replaceEmpty(from: string, to: string): Promise<void> {
  try {
    await Deno.rename(from, to);
  } catch {
    await Deno.remove(to); // this system replaces none; it is not removed unless it is empty
    await Deno.rename(from, to);
  }
}

/** Looks at the free space once in a while. */
class SpaceWatch implements PartFile {
  readonly length: number;
  readonly #file: PartFile;
  readonly #size: number;
  readonly #folder: Pick<TargetFolder, "freeBytes">;
  #written = 0;

  constructor(file: PartFile, size: number, folder: Pick<TargetFolder, "freeBytes">) {
    this.#file = file;
    this.#size = size;
    this.#folder = folder;
    this.length = file.length;
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#file.read(offset, length);
  }

  write(offset: number, bytes: Uint8Array): Promise<void> {
    this.#written += bytes.length;
    if (this.#written > SPACE_INTERVAL_BYTES) {
      this.#written = 0;
      const free = this.#folder.freeBytes() ?? Infinity;
      if (free < Math.min(this.#size - offset, SPACE_INTERVAL_BYTES)) {
        return Promise.reject(new DiskFullError(`${free} bytes are free`));
      }
    }
    return this.#file.write(offset, bytes);
  }

  finish(): Promise<string> {
    return this.#file.finish();
  }

  close(): void {
    this.#file.close();
  }
}

/**
 * The name of a part tells its content: whoever offers that may finish it. A small file never goes on, so
 * that its part may have a name for itself.
 */
function partOf(target: string, { root, size }: FileRow): string {
  const id = size > PIECE_BYTES
    ? root.subarray(0, 8).toHex()
    : createHash("sha256").update(target).digest("hex").slice(0, 16);
  return join(dirname(target), `.${id}.part`);
}

/** A name as this system allows it. */
function localName(name: string): string {
  return Deno.build.os === "windows" ? name.replace(/[<>"|?*]/g, "_") : name;
}
