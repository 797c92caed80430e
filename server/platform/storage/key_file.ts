import { dirname } from "node:path";
import { lockFileSync } from "./file_lock.ts";
import { giveToOwnerOf } from "./private_file.ts";
import { readTextSync, statOf } from "./regular_file.ts";

const KEY_LENGTH = 32;
const KEY = /^[0-9a-f]{64}$/i;
/** Comments, and a byte order mark: people may have edited the file. */
const COMMENTS = /^\ufeff|(?:#|\/\/).*$/gm;

/**
 * Reads the private key of 32 bytes in a file, or creates a new one for its owner alone: whole or
 * not at all, and the same for all programs that start at once. A key is never replaced.
 *
 * @throws {Error} if the file contains no key; as `Deno.openSync` if it can't be read or written
 */
export function readOrCreateKey(
  path: string,
): { readonly key: Uint8Array; readonly isNew: boolean } {
  const before = readKey(path);
  if (before !== undefined) return { key: before, isNew: false };
  using _ = lockFileSync(`${path}.lock`);
  const others = readKey(path);
  if (others !== undefined) return { key: others, isNew: false };
  const key = crypto.getRandomValues(new Uint8Array(KEY_LENGTH));
  writeKey(path, key);
  return { key, isNew: true };
}

/**
 * Replaces the private key in a file by a new one, whole or not at all.
 *
 * @param onReplace is called with both keys just before
 * @returns the new key
 * @throws {Error} if the file contains no key; as `Deno.openSync` if it can't be read or written
 */
export function replaceKey(
  path: string,
  onReplace: (oldKey: Uint8Array, newKey: Uint8Array) => void,
): Uint8Array {
  using _ = lockFileSync(`${path}.lock`);
  const oldKey = readKey(path);
  if (oldKey === undefined) throw new Error(`${path} must contain a key, got no file`);
  const newKey = crypto.getRandomValues(new Uint8Array(KEY_LENGTH));
  onReplace(oldKey, newKey);
  writeKey(path, newKey);
  return newKey;
}

/** A link stays one: the file that it leads to is replaced. */
function writeKey(link: string, key: Uint8Array): void {
  const path = statOf(link) === undefined ? link : Deno.realPathSync(link);
  const half = `${path}.new`;
  removeQuietly(half); // of a start that was cut short
  try {
    {
      using file = Deno.openSync(half, { write: true, createNew: true, mode: 0o600 });
      const line = new TextEncoder().encode(`${key.toHex()}\n`);
      if (file.writeSync(line) < line.length) throw new Error(`${half} can't be written whole`);
      file.syncSync();
    }
    giveToOwnerOf(half, statOf(path) === undefined ? dirname(path) : path);
    Deno.renameSync(half, path);
  } catch (error) {
    removeQuietly(half); // the disk is full, for example
    throw error;
  }
}

function readKey(path: string): Uint8Array | undefined {
  const text = readTextSync(path);
  return text === undefined ? undefined : parseKey(text, path);
}

/**
 * The key in the text of such a file.
 *
 * @throws {Error} if there is none
 */
export function parseKey(text: string, path: string): Uint8Array {
  const key = text.replace(COMMENTS, "").trim();
  if (KEY.test(key)) return Uint8Array.fromHex(key);
  throw new Error(
    `${path} must contain a key of 64 hex digits, got ${text.length} other characters; restore the ` +
      "right file, or remove it to start with a new key",
  );
}

/** Removes a file, if it is there. */
export function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
