import { dirname, join, sep } from "node:path";
import { lstatOf } from "./part_file.ts";

/** Files by which a data folder is known, of a client and of a server: all of one row are there. */
const MARKS = [["identity.key", "contacts.db"], ["server.key", "names.db"]];

/**
 * Folders with keys and messages, which are never sent: this program's own, whatever path, link or mount
 * leads there, and those of other profiles and servers.
 */
export class PrivateFolders {
  readonly #own: string | undefined;
  readonly #except: string | undefined;
  /** The own folder, and all that is in it, by device and inode. */
  readonly #ids = new Set<string>();

  /**
   * Looks at what is in the own folder now.
   *
   * @param except a folder in it that may be sent: the one for files that come in
   */
  static async open(own: string, except: string | undefined): Promise<PrivateFolders> {
    const folders = new PrivateFolders(await realPathOf(own), except && await realPathOf(except));
    await folders.#addAll(folders.#own);
    return folders;
  }

  private constructor(own: string | undefined, except: string | undefined) {
    this.#own = own;
    const isInside = own !== undefined && except !== undefined && except.startsWith(own + sep);
    this.#except = isInside ? except : undefined;
  }

  /** Whether a file or folder is one of them, or in one. `location` is a real path. */
  has(location: string, info: Deno.FileInfo): boolean {
    if (this.#hasOwn(location, info)) return true;
    if (this.#isExcepted(location)) return false;
    let folder = info.isDirectory ? location : dirname(location);
    for (; dirname(folder) !== folder; folder = dirname(folder)) {
      if (isMarked(folder)) return true;
    }
    return false;
  }

  /** The same of what was found in a folder that is none of them. */
  hasBelow(location: string, info: Deno.FileInfo): boolean {
    return this.#hasOwn(location, info) || (info.isDirectory && isMarked(location));
  }

  #hasOwn(location: string, info: Deno.FileInfo): boolean {
    if (this.#ids.has(idOf(info) ?? "")) return true;
    const own = this.#own;
    const isInside = own !== undefined && (location === own || location.startsWith(own + sep));
    return isInside && !this.#isExcepted(location);
  }

  #isExcepted(location: string): boolean {
    const except = this.#except;
    return except !== undefined && (location === except || location.startsWith(except + sep));
  }

  async #addAll(location: string | undefined): Promise<void> {
    if (location === undefined || this.#isExcepted(location)) return;
    // The target of a link in the folder belongs to it: a key may be on another disk.
    const info = await Deno.stat(location).catch(() => undefined);
    if (info === undefined) return;
    this.#ids.add(idOf(info) ?? "");
    if (!info.isDirectory || lstatOf(location)?.isSymlink === true) return;
    for await (const { name } of Deno.readDir(location)) await this.#addAll(join(location, name));
    this.#ids.delete("");
  }
}

function isMarked(folder: string): boolean {
  return MARKS.some((names) => names.every((name) => isThere(join(folder, name))));
}

function isThere(path: string): boolean {
  try {
    return lstatOf(path) !== undefined;
  } catch {
    return false; // it may not be looked at, nor sent
  }
}

/** Names a file under any path; undefined on systems that have no such name. */
function idOf({ dev, ino }: Deno.FileInfo): string | undefined {
  return ino === null || ino === 0 ? undefined : `${dev} ${ino}`;
}

function realPathOf(path: string): Promise<string | undefined> {
  return Deno.realPath(path).catch(() => undefined);
}
