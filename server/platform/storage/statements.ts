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

/** The bytes in a column; none if it holds something else. */
export function bytesOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
