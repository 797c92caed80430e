import { lockFileSync } from "./file_lock.ts";

const KEY_LENGTH = 32;
/** 64 hex digits and a line end. */
const KEY = /^[0-9a-f]{64}\n?$/i;

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
  const half = `${path}.new`;
  removeQuietly(half); // of a start that was cut short
  {
    using file = Deno.openSync(half, { write: true, createNew: true, mode: 0o600 });
    file.writeSync(new TextEncoder().encode(`${key.toHex()}\n`));
    file.syncSync();
  }
  Deno.renameSync(half, path);
  return { key, isNew: true };
}

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
    `${path} must contain a key of 64 hex digits, got ${text.length} other characters; restore the ` +
      "right file, or remove it to start with a new key",
  );
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
