/**
 * Checks that a path names a file, or nothing yet: opening a pipe would wait for ever, and a folder says
 * nothing useful.
 *
 * @throws {Error} if it names something else, or as {@linkcode statOf}
 */
export function assertRegularFile(path: string): void {
  const info = statOf(path);
  if (info === undefined || info.isFile) return;
  const found = info.isDirectory ? "a folder" : info.isFifo ? "a pipe" : "a device or socket";
  throw new Error(`${path} must be a file, but it is ${found}; move it away`);
}

/**
 * The attributes of what a path names; undefined if there is nothing.
 *
 * @throws {Error} if it is a link that leads nowhere; as `Deno.statSync` if that can't be found out
 */
export function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (isDanglingLink(path)) throw new Error(describeDanglingLink(path));
  return undefined;
}

/**
 * Whether the path is a link that leads nowhere, as when the storage that it leads to is not mounted: then
 * there is a file, but it can't be read now.
 */
export function isDanglingLink(path: string): boolean {
  try {
    Deno.statSync(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound && isLink(path);
  }
}

/** An error message for such a link, which says what to do. */
export function describeDanglingLink(path: string): string {
  return `${path} is a link that leads nowhere: is the storage mounted that it leads to? If the file is ` +
    "not needed, remove the link";
}

/**
 * The text of a file; undefined if there is none.
 *
 * @throws {Error} as {@linkcode assertRegularFile} and `Deno.readTextFileSync`
 */
export function readTextSync(path: string): string | undefined {
  assertRegularFile(path);
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false; // there is nothing at all
  }
}
