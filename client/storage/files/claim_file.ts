import { lstatOf } from "./part_file.ts";

/**
 * Locks a file until it is disposed, which removes it. A program that ends lets go of it, however it ends.
 *
 * @returns undefined if another program has locked it
 * @throws {Error} if it can't be made, or locked
 */
export function claimFile(path: string): Disposable | undefined {
  const file = Deno.openSync(path, { write: true, create: true, mode: 0o600 });
  try {
    // Another program may have removed it before it was locked.
    const isOwn = file.tryLockSync(true) && lstatOf(path)?.ino === file.statSync().ino;
    if (isOwn) return { [Symbol.dispose]: () => release(file, path) };
  } catch (error) {
    file.close();
    throw error;
  }
  file.close();
  return undefined;
}

function release(file: Deno.FsFile, path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It stays, and can be locked again.
  }
  file.close();
}
