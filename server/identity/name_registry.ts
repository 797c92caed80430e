import type { DatabaseSync, StatementSync } from "node:sqlite";
import { equals } from "@std/bytes/equals";
import { CERTIFICATE_LIFETIME_MS, confusableKey } from "../../protocol/mod.ts";
import { numberOf, prepareSchema, type Schema } from "../platform/storage/schema.ts";
import { ForeignFileError, openSqliteSync } from "../platform/storage/sqlite.ts";
import { transaction } from "../platform/storage/transaction.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const TABLES = `
CREATE TABLE claim (
  folded TEXT PRIMARY KEY,
  identity BLOB NOT NULL,
  name TEXT NOT NULL,
  claimed INTEGER NOT NULL,
  used INTEGER NOT NULL,
  certified INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_used ON claim (used);
`;

const SCHEMA: Schema = {
  what: "a name registry",
  application: 0x4d494d4e, // MIMN
  version: 2,
  tables: TABLES,
  upgrades: { 1: upgradeFrom1 },
  check(db) {
    const [{ quick_check: found } = {}] = db.prepare("PRAGMA quick_check(1)").all();
    if (found !== "ok") throw new ForeignFileError(`database disk image is malformed: ${found}`);
  },
};

/** Names were folded otherwise then. Of two that are one now, the older claim stays. */
function upgradeFrom1(db: DatabaseSync): void {
  const claims = db.prepare("SELECT identity, name, claimed, used FROM claim ORDER BY claimed")
    .all();
  db.exec(`DROP TABLE claim; ${TABLES}`);
  const insert = db.prepare(
    "INSERT OR IGNORE INTO claim (folded, identity, name, claimed, used, certified) " +
      "VALUES (?, ?, ?, ?, ?, ?)",
  );
  for (const { identity, name, claimed, used } of claims) {
    if (identity === undefined || typeof name !== "string") continue;
    insert.run(confusableKey(name), identity, name, claimed ?? 0, used ?? 0, used ?? 0);
  }
}

interface Claim {
  readonly identity: Uint8Array;
  readonly claimed: number;
  readonly used: number;
  readonly certified: number;
}

/**
 * Which name belongs to which key: the first key that claims a name owns it, until it has not used it for
 * so many days and its last certificate has expired. Names that look alike are one: see
 * {@linkcode confusableKey}. Callers pass the time, in milliseconds since 1970.
 */
export class NameRegistry implements Disposable {
  readonly #db: DatabaseSync;
  readonly #expiryMs: number;
  readonly #find: StatementSync;
  readonly #take: StatementSync;
  readonly #use: StatementSync;
  readonly #certify: StatementSync;
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
    this.#find = this.#db.prepare(
      "SELECT identity, claimed, used, certified FROM claim WHERE folded = ?",
    );
    this.#take = this.#db.prepare(
      "INSERT OR REPLACE INTO claim (folded, identity, name, claimed, used, certified) " +
        "VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#use = this.#db.prepare("UPDATE claim SET used = ? WHERE folded = ? AND identity = ?");
    this.#certify = this.#db.prepare(
      "UPDATE claim SET used = ?, certified = ? WHERE folded = ? AND identity = ?",
    );
    this.#expire = this.#db.prepare("DELETE FROM claim WHERE used < ? AND certified < ?");
  }

  /** How many names belong to a key. */
  get size(): number {
    return numberOf(this.#db, "SELECT count(*) FROM claim");
  }

  /** Whether a name belongs to a key. */
  isTaken(name: string, now: number): boolean {
    const owner = this.#owner(confusableKey(name));
    return owner !== undefined && !this.#isFree(owner, now);
  }

  /**
   * Claims a name for a key, or uses it once more, and notes that it is certified now.
   *
   * @returns when the key took the name, later than whoever had it before; undefined if the name belongs
   *   to another key
   */
  claim(name: string, identity: Uint8Array, now: number): number | undefined {
    const folded = confusableKey(name);
    const owner = this.#owner(folded);
    const isOwn = owner !== undefined && equals(owner.identity, identity);
    if (!isOwn || this.#isFree(owner, now)) return this.#claimFree(folded, name, identity, now);
    // To the hour is enough, so that most logins write nothing.
    const { used, certified, claimed } = owner;
    if (Math.min(used, certified) < now - HOUR_MS) this.#certify.run(now, now, folded, identity);
    return claimed;
  }

  /** Records that keys use their names, and frees names that have not been used for too long. */
  recordUse(used: Iterable<{ name: string; identity: Uint8Array }>, now: number): void {
    transaction(this.#db, "IMMEDIATE", () => {
      for (const { name, identity } of used) this.#use.run(now, confusableKey(name), identity);
      this.#expire.run(now - this.#expiryMs, now - CERTIFICATE_LIFETIME_MS - HOUR_MS);
    });
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#db.close();
  }

  /** In a transaction: another server with this file may have been faster. */
  #claimFree(folded: string, name: string, identity: Uint8Array, now: number): number | undefined {
    return transaction(this.#db, "IMMEDIATE", () => {
      const owner = this.#owner(folded);
      if (owner !== undefined && !this.#isFree(owner, now)) {
        return equals(owner.identity, identity) ? owner.claimed : undefined;
      }
      const claimed = Math.max(now, (owner?.claimed ?? 0) + 1);
      this.#take.run(folded, identity, name, claimed, now, now);
      return claimed;
    });
  }

  /** Whether another key may take the name: the last certificate, noted to the hour, has expired, too. */
  #isFree({ used, certified }: Claim, now: number): boolean {
    return used < now - this.#expiryMs && certified < now - CERTIFICATE_LIFETIME_MS - HOUR_MS;
  }

  #owner(folded: string): Claim | undefined {
    const { identity, claimed, used, certified } = this.#find.get(folded) ?? {};
    if (!(identity instanceof Uint8Array) || typeof claimed !== "number") return undefined;
    if (typeof used !== "number" || typeof certified !== "number") return undefined;
    return { identity, claimed, used, certified };
  }
}
