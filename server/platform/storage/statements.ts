import type { DatabaseSync, StatementSync } from "node:sqlite";

/** The statements of an open database, each prepared once. */
export class Statements {
  readonly db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.db = db;
  }

  readonly prepare = (sql: string): StatementSync =>
    this.#prepared.getOrInsertComputed(sql, () => this.db.prepare(sql));
}
