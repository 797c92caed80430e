import { lockFile } from "./file_lock.ts";

const KEY_LENGTH = 32;
/** 64 hex digits and a line end. */
const KEY = /^[0-9a-f]{64}\n?$/i;

/**
 * The private key that a file holds. Where there is no file, a new key is made and written for its
 * owner alone: whole or not at all, and the same for all who start at once. A file that holds anything
 * else is an error and stays as it is: a key is never replaced.
 *
 * @returns the key, 32 bytes, and whether it was made just now
 * @throws {Error} where the file holds no key; as `Deno.openSync` where it can't be read or written
 */
export function readOrMakeKey(path: string): { readonly key: Uint8Array; readonly made: boolean } {
  const before = readKey(path);
  if (before !== undefined) return { key: before, made: false };
  using _ = lockFile(`${path}.lock`);
  const others = readKey(path);
  if (others !== undefined) return { key: others, made: false };
  const key = crypto.getRandomValues(new Uint8Array(KEY_LENGTH));
  const half = `${path}.new`;
  removeQuietly(half); // of a start that was cut short
  {
    using file = Deno.openSync(half, { write: true, createNew: true, mode: 0o600 });
    file.writeSync(new TextEncoder().encode(`${key.toHex()}\n`));
    file.syncSync();
  }
  Deno.renameSync(half, path);
  return { key, made: true };
}

/** Undefined where there is no file. */
function readKey(path: string): Uint8Array | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  if (KEY.test(text)) return Uint8Array.fromHex(text.trim());
  throw new Error(
    `expected ${path} to hold a key of 64 hex digits, got ${text.length} characters of something ` +
      "else; put the right file back, or remove it to begin with a new key",
  );
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
