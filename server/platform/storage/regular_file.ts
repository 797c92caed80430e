/**
 * Checks that a path names a file, or nothing yet: opening a pipe would wait for ever, and a folder says
 * nothing useful.
 *
 * @throws {Error} if it names something else; as `Deno.statSync` if that can't be found out
 */
export function assertRegularFile(path: string): void {
  const info = statOf(path);
  if (info === undefined || info.isFile) return;
  const found = info.isDirectory ? "a folder" : info.isFifo ? "a pipe" : "a device or socket";
  throw new Error(`${path} must be a file, but it is ${found}; move it away`);
}

/** The file, folder or device at the path; undefined if there is nothing. */
export function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
