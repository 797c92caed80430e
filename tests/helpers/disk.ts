/** Temporary folders, and a disk without room. */

import { DatabaseSync } from "node:sqlite";

/** A folder of a test's own, for as long as it is in scope. */
export class TempFolder implements Disposable {
  /** The path of the folder. */
  readonly path = Deno.makeTempDirSync();

  [Symbol.dispose](): void {
    removeFolder(this.path);
  }
}

/** How often it is tried to remove a folder, and milliseconds from one time to the next. */
const [TRIES, REST] = [100, 50];

/** Removes a folder; a program that a test has ended may still put a last file there. */
export function removeFolder(path: string): void {
  for (let left = TRIES;; left--) {
    try {
      return Deno.removeSync(path, { recursive: true });
    } catch (error) {
      if (left === 0 || error instanceof Deno.errors.NotFound) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, REST);
  }
}

/**
 * Has an SQLite file take nothing more, as where the disk is full: each write fails with what SQLite
 * says then. Nobody else has to see that disk.
 *
 * @param when a condition in SQL, looked at before each row; always where it is left out
 */
export function fillDiskOf(path: string, when = "1"): void {
  using db = new DatabaseSync(path);
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  for (const { name } of tables) {
    if (String(name).startsWith("sqlite_")) continue;
    for (const event of ["INSERT", "UPDATE", "DELETE"]) {
      db.exec(
        `CREATE TRIGGER full_${name}_${event} BEFORE ${event} ON "${name}" WHEN ${when} ` +
          "BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END",
      );
    }
  }
}

/** There is room again. */
export function freeDiskOf(path: string): void {
  using db = new DatabaseSync(path);
  const full = db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'full%'").all();
  for (const { name } of full) db.exec(`DROP TRIGGER ${name}`);
}
