/**
 * Waits until no other process holds the lock of this name, and keeps the others out until it goes out
 * of scope. A lock has a file of its own, which stays: whoever removed it would take it from others.
 *
 * @param path the lock's file, made for its owner alone where it is not there
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
