import type { DatabaseSync, StatementSync } from "node:sqlite";
import { equals } from "@std/bytes/equals";
import { confusableKey } from "../../protocol/mod.ts";
import { numberOf, prepareSchema, type Schema } from "../platform/storage/schema.ts";
import { ForeignFileError, openSqliteSync } from "../platform/storage/sqlite.ts";
import { transaction } from "../platform/storage/transaction.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const SCHEMA: Schema = {
  what: "a name registry",
  application: 0x4d494d4e, // MIMN
  version: 1,
  tables: `
CREATE TABLE claim (
  folded TEXT PRIMARY KEY,
  identity BLOB NOT NULL,
  name TEXT NOT NULL,
  claimed INTEGER NOT NULL,
  used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_used ON claim (used);
`,
  check(db) {
    const [{ quick_check: found } = {}] = db.prepare("PRAGMA quick_check(1)").all();
    if (found !== "ok") throw new ForeignFileError(`database disk image is malformed: ${found}`);
  },
};

/**
 * Which name belongs to which key: the first key that claims a name owns it, until it has not used it for
 * so many days. Names that look alike are one: see {@linkcode confusableKey}. Callers pass the time, in
 * milliseconds since 1970.
 */
export class NameRegistry implements Disposable {
  readonly #db: DatabaseSync;
  readonly #expiryMs: number;
  readonly #find: StatementSync;
  readonly #take: StatementSync;
  readonly #use: StatementSync;
  readonly #expire: StatementSync;

  /**
   * Opens the file; creates it for its owner alone, and moves a damaged one to quarantine.
   *
   * @param days after which a name that its key does not use is free again; 0 for never
   * @param onQuarantine is told the new name of a damaged file
   * @throws {Error} if it can't be opened, or a newer MIM has written it
   */
  constructor(path: string, days: number, onQuarantine: (path: string) => void) {
    this.#db = openSqliteSync(path, (db) => prepareSchema(db, SCHEMA), onQuarantine).db;
    this.#expiryMs = days === 0 ? Infinity : days * DAY_MS;
    this.#find = this.#db.prepare("SELECT identity, used FROM claim WHERE folded = ?");
    this.#take = this.#db.prepare(
      "INSERT OR REPLACE INTO claim (folded, identity, name, claimed, used) VALUES (?, ?, ?, ?, ?)",
    );
    this.#use = this.#db.prepare("UPDATE claim SET used = ? WHERE folded = ? AND identity = ?");
    this.#expire = this.#db.prepare("DELETE FROM claim WHERE used < ?");
  }

  /** How many names belong to a key. */
  get size(): number {
    return numberOf(this.#db, "SELECT count(*) FROM claim");
  }

  /** Whether a name belongs to a key. */
  isTaken(name: string, now: number): boolean {
    return this.#owner(confusableKey(name), now) !== undefined;
  }

  /**
   * Claims a name for a key, or uses it once more.
   *
   * @returns whether the name belongs to that key
   */
  claim(name: string, identity: Uint8Array, now: number): boolean {
    const folded = confusableKey(name);
    const owner = this.#owner(folded, now);
    if (owner === undefined) return this.#claimFree(folded, name, identity, now);
    if (!equals(owner.identity, identity)) return false;
    // To the hour is enough, so that most logins write nothing.
    if (owner.used < now - HOUR_MS) this.#use.run(now, folded, identity);
    return true;
  }

  /** Records that keys use their names, and frees names that have not been used for too long. */
  recordUse(used: Iterable<{ name: string; identity: Uint8Array }>, now: number): void {
    transaction(this.#db, "IMMEDIATE", () => {
      for (const { name, identity } of used) this.#use.run(now, confusableKey(name), identity);
      this.#expire.run(now - this.#expiryMs);
    });
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#db.close();
  }

  /** In a transaction: another server with this file may have been faster. */
  #claimFree(folded: string, name: string, identity: Uint8Array, now: number): boolean {
    return transaction(this.#db, "IMMEDIATE", () => {
      const owner = this.#owner(folded, now);
      if (owner !== undefined) return equals(owner.identity, identity);
      this.#take.run(folded, identity, name, now, now);
      return true;
    });
  }

  #owner(folded: string, now: number): { identity: Uint8Array; used: number } | undefined {
    const { identity, used } = this.#find.get(folded) ?? {};
    if (!(identity instanceof Uint8Array) || typeof used !== "number") return undefined;
    return used < now - this.#expiryMs ? undefined : { identity, used };
  }
}
