/**
 * Waits for a lock against other processes, and holds it until it is disposed. Its file stays:
 * removing it would take the lock from others.
 *
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
