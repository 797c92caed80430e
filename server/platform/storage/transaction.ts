import type { DatabaseSync } from "node:sqlite";
import { Statements } from "./statements.ts";

const statements = new WeakMap<DatabaseSync, Statements>();

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
  const { prepare } = statements.getOrInsertComputed(db, () => new Statements(db));
  prepare(`BEGIN ${type}`).run();
  try {
    const result = work();
    prepare("COMMIT").run();
    return result;
  } catch (error) {
    if (db.isTransaction) prepare("ROLLBACK").run();
    throw error;
  }
}
