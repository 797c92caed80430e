import { basename, join } from "node:path";
import { isFolderPath, limits } from "../../../protocol/mod.ts";
import type { OpenSource, SourceFile } from "../../core/mod.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";
import { DiskSource } from "./disk_source.ts";
import type { PrivateFolders } from "./private_folders.ts";

/** How deep folders may be. */
const MAX_DEPTH = 60;
/** After so many entries of a folder, everything else has its turn. */
const ENTRIES_PER_TURN = 500;

/** A search of files: the files that it found, and those that it left out. */
interface Search {
  readonly found: SourceFile[];
  readonly hidden: PrivateFolders;
  /** The places of private files that were left out. */
  readonly omitted: string[];
}

/**
 * The files at these paths, and files and empty folders below them. Links in folders, private files and
 * things that are no files are left out.
 *
 * @param onOmitted gets the path of each private file or folder that was left out
 * @throws {Error} if there are none, too many, one can't be read, or one that is named is private
 */
export async function findSourceFiles(
  paths: readonly string[],
  hidden: PrivateFolders,
  onOmitted: (path: string) => void,
): Promise<SourceFile[]> {
  const search: Search = { found: [], hidden, omitted: [] };
  for (const path of paths) {
    // The user may name a link; what it leads to is meant.
    const { location, info } = await lookUp(path);
    const name = basename(path) === "." || basename(path) === ".." || basename(path) === ""
      ? basename(location)
      : basename(path);
    if (name === "") {
      throw new Error(`${path} is a whole disk and has no name to send it by; name folders in it`);
    }
    if (hidden.has(location, info)) {
      throw new Error(`${path} belongs to MIM's data folder, where keys are: it is never sent`);
    }
    if (info.isDirectory) await walk(location, name, 1, search);
    else if (info.isFile) add(search.found, { path: name, location, size: info.size });
    else throw new Error(`${path} is neither a file nor a folder`);
  }
  if (search.found.every(({ path }) => isFolderPath(path))) {
    throw new Error(`there is no file in ${paths.join(", ")}`);
  }
  search.omitted.forEach(onOmitted);
  return search.found;
}

async function lookUp(path: string): Promise<{ location: string; info: Deno.FileInfo }> {
  try {
    const location = await Deno.realPath(path);
    return { location, info: await Deno.lstat(location) };
  } catch (error) {
    throw new Error(`${path}: ${whyNot(error)}`, { cause: error });
  }
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file or folder";
  if (error instanceof Deno.errors.NotCapable) return "this program may not read it";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return reasonOf(error);
}

async function walk(
  folder: string,
  prefix: string,
  depth: number,
  search: Search,
): Promise<void> {
  const [files, omitted] = [search.found.length, search.omitted.length];
  if (depth > MAX_DEPTH) throw new Error(`${folder} is more than ${MAX_DEPTH} folders deep`);
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) entries.push(entry);
  } catch (error) {
    throw new Error(`${folder}: ${whyNot(error)}`, { cause: error });
  }
  entries.sort((one, other) => one.name < other.name ? -1 : 1);
  for (const [index, { name }] of entries.entries()) {
    if (index % ENTRIES_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve));
    const location = join(folder, name);
    const info = Deno.lstatSync(location);
    const path = `${prefix}/${name}`;
    if (search.hidden.hasBelow(location, info)) search.omitted.push(location);
    else if (info.isDirectory) await walk(location, path, depth + 1, search);
    else if (info.isFile) add(search.found, { path, location, size: info.size });
  }
  // A folder in which all is private is not sent either.
  const isEmpty = search.found.length === files && search.omitted.length === omitted;
  if (isEmpty) add(search.found, { path: `${prefix}/`, location: folder, size: 0 });
}

function add(found: SourceFile[], file: SourceFile): void {
  if (file.size > limits.fileBytes) throw new Error(`${file.location} has over 1 TiB`);
  if (found.length >= limits.manifestFiles) {
    throw new Error(
      `there are over ${limits.manifestFiles} files and empty folders; pack them into one`,
    );
  }
  found.push(file);
}

/**
 * Opens a file that was offered. It follows no link, and takes no other file that has come into its place.
 *
 * @throws {Error} if it is no file any more, has another size, or can't be read
 */
export async function openSource({ location, size }: SourceFile): Promise<OpenSource> {
  const fail = (error: unknown) => {
    throw new Error(`${location}: ${whyNot(error)}`, { cause: error });
  };
  const there = await Deno.lstat(location).catch(fail);
  if (!there.isFile) throw new Error(`${location} is no file any more`);
  const file = await Deno.open(location).catch(fail);
  const info = await file.stat();
  if (info.ino !== there.ino || info.dev !== there.dev || info.size !== size) {
    file.close();
    throw new Error(`${location} is not what it was`);
  }
  return new DiskSource(file);
}
