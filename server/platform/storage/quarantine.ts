import { statOf } from "./regular_file.ts";

/**
 * A free name for a file that can't be used, in the same folder.
 *
 * @example
 * ```ts
 * import { quarantinePath } from "./quarantine.ts";
 * import { assertMatch } from "@std/assert";
 *
 * assertMatch(quarantinePath("/nowhere/history.db"), /^\/nowhere\/history\.damaged-\d{4}-\d\d-\d\d\.db$/);
 * ```
 */
export function quarantinePath(path: string): string {
  const [, start = path, extension = ""] = /^(.*)(\.\w+)$/s.exec(path) ?? [];
  const day = new Date().toISOString().slice(0, 10);
  for (let count = 1;; count++) {
    const name = `${start}.damaged-${day}${count === 1 ? "" : `-${count}`}${extension}`;
    if (inodeOf(name) === undefined) return name;
  }
}

/** The number of a file, if the system has such; undefined if there is no file. */
export type Inode = number | null | undefined;

/** The file that the path names now. */
export function inodeOf(path: string): Inode {
  return statOf(path)?.ino;
}
