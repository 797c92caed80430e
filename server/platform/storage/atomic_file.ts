import { basename, dirname, join, resolve } from "node:path";
import { isPathAllowed } from "../cli/env.ts";
import { UsageError } from "../cli/flags.ts";
import { reasonOf } from "../util/errors.ts";
import { giveToOwnerOf } from "./private_file.ts";
import { assertRegularFile, isDanglingLink, statOf } from "./regular_file.ts";
import { decodeText } from "./text_file.ts";

/** A temporary file this old belongs to no running program. */
const LEFT_OVER_AGE_MS = 60_000;

/**
 * Reads a file in UTF-8, without a byte order mark; undefined if there is none.
 *
 * @throws {UsageError} if it can't be read, is a link that leads nowhere, or is in another encoding
 */
export async function readText(path: string): Promise<string | undefined> {
  try {
    assertRegularFile(path);
    return decodeText(await Deno.readFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`Cannot read ${path}: ${reasonOf(error)}`);
  }
}

/**
 * Writes a file for its owner only, in one step: a reader finds the old content or the new. Its owner stays
 * who it was, also if root writes; a new one belongs to the owner of its folder. A link stays one, also to a
 * file that is not there yet; if this program may only write the file that it leads to, and not beside it,
 * that takes two steps.
 *
 * @throws {UsageError} if it can't be written
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  try {
    if (!isDanglingLink(path)) assertRegularFile(path);
    const target = await realPath(path);
    const temporary = `${target}.${crypto.randomUUID()}.new`;
    if (target !== path && !isPathAllowed(temporary)) return await Deno.writeTextFile(path, text);
    await removeLeftOvers(target, LEFT_OVER_AGE_MS).catch(() => {});
    try {
      using file = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
      await writeWhole(file, text);
      giveToOwnerOf(temporary, statOf(target) === undefined ? dirname(target) : target);
      await Deno.rename(temporary, target);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {});
      throw error;
    }
  } catch (error) {
    throw new UsageError(`Cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** Removes temporary files of programs that were killed: one may hold a private key. */
export async function removeLeftOvers(target: string, minAgeMs: number): Promise<void> {
  const folder = dirname(target);
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.startsWith(`${basename(target)}.`) || !name.endsWith(".new")) continue;
    const path = join(folder, name);
    const { mtime } = await Deno.stat(path);
    if (Date.now() - (mtime?.getTime() ?? 0) > minAgeMs) await Deno.remove(path);
  }
}

/** Also writes it to the disk: a rename could get there first, and leave an empty file after a crash. */
async function writeWhole(file: Deno.FsFile, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  await file.sync();
}

/** The file itself if the path is a link, as in a folder of dotfiles. */
async function realPath(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  try {
    return resolve(dirname(path), await Deno.readLink(path)); // to a file that does not exist yet
  } catch {
    return path; // no link
  }
}
