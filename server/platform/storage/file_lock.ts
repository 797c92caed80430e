/**
 * Waits until no other process holds this lock, and holds it until it goes out of scope. A lock has a
 * file of its own, which stays: removing it would take the lock from others.
 *
 * @param path the lock's file, created for its owner alone if it is missing
 * @throws as `Deno.openSync`
 */
export function lockFile(path: string): Disposable {
  const file = Deno.openSync(path, { write: true, create: true, mode: 0o600 });
  try {
    file.lockSync(true);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}
