import type { DatabaseSync } from "node:sqlite";

/**
 * Runs `work` in a transaction; `IMMEDIATE` waits for other writers before it reads.
 *
 * @throws {Error} of SQLite, or what `work` throws
 */
export function transaction<Result>(
  db: DatabaseSync,
  type: "DEFERRED" | "IMMEDIATE",
  work: () => Result,
): Result {
  db.prepare(`BEGIN ${type}`).run();
  try {
    const result = work();
    db.prepare("COMMIT").run();
    return result;
  } catch (error) {
    if (db.isTransaction) db.prepare("ROLLBACK").run();
    throw error;
  }
}
