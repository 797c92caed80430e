/** Files of random bytes, and what tells whether a copy is the same. */

const PART_BYTES = 65_536;

/** Writes random bytes, and returns their hash. */
export async function writeRandom(path: string, size: number): Promise<string> {
  using file = await Deno.open(path, { write: true, createNew: true });
  const part = new Uint8Array(PART_BYTES);
  for (let at = 0; at < size; at += part.length) {
    crypto.getRandomValues(part);
    await file.write(part);
  }
  return await hashOf(path);
}

/** The SHA-256 of a file, in hex. */
export async function hashOf(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex();
}
