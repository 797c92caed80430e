import { UsageError } from "../cli/flags.ts";
import { reasonOf } from "../util/errors.ts";

/**
 * Reads a file; undefined if there is none.
 *
 * @throws {UsageError} if it can't be read
 */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`Cannot read ${path}: ${reasonOf(error)}`);
  }
}

/**
 * Writes a file for its owner only, in one step: a reader finds the old content or the new.
 *
 * @throws {UsageError} if it can't be written
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  try {
    const target = await realPath(path);
    const temporary = `${target}.${crypto.randomUUID()}`;
    try {
      await Deno.writeTextFile(temporary, text, { createNew: true, mode: 0o600 });
      await Deno.rename(temporary, target);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {});
      throw error;
    }
  } catch (error) {
    throw new UsageError(`Cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** The file itself if the path is a link, as in a folder of dotfiles. */
async function realPath(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return path;
    throw error;
  }
}
