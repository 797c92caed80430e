import { DatabaseSync } from "node:sqlite";

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
