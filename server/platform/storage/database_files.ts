import { assertRegularFile } from "./regular_file.ts";

/** The files that SQLite puts beside a database. */
const NEIGHBORS = ["-wal", "-shm", "-journal"];

/**
 * Checks that a database and what belongs to it are files, or nothing yet.
 *
 * @throws {Error} as {@linkcode assertRegularFile}
 */
export function assertDatabaseFiles(path: string): void {
  // With such a neighbor, a healthy database looks damaged.
  for (const file of [path, ...NEIGHBORS.map((part) => path + part), lockOf(path)]) {
    assertRegularFile(file);
  }
}

/**
 * The file that is locked against other programs that open, create or quarantine a database. SQLite's own locks
 * don't cover turning an empty file into a database. The lock has a file of its own: closing one
 * more handle of the database would drop SQLite's locks.
 */
export function lockOf(path: string): string {
  return path.replace(/(\.db)?$/, ".lock");
}
