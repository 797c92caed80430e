import { equals } from "@std/bytes/equals";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ForeignFileError, openDatabase } from "../platform/storage/sqlite.ts";
import { transaction } from "../platform/storage/transaction.ts";
import { confusableKey } from "../../protocol/mod.ts";

/** Marks the file as names that belong to keys: "MIMN". */
const APPLICATION = 0x4d494d4e;
const VERSION = 1;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const TABLES = `
CREATE TABLE claim (
  folded TEXT PRIMARY KEY,
  identity BLOB NOT NULL,
  name TEXT NOT NULL,
  claimed INTEGER NOT NULL,
  used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_used ON claim (used);
PRAGMA application_id = ${APPLICATION};
PRAGMA user_version = ${VERSION};
`;

/**
 * Which name belongs to which key: the first key that takes a name owns it, until it has not used it
 * for so many days. Names that look alike are one: see `confusableKey`. Knows no clock: who asks says what
 * time it is, in milliseconds since 1970.
 */
export class NameRegistry implements Disposable {
  readonly #db: DatabaseSync;
  readonly #time: number;
  readonly #find: StatementSync;
  readonly #take: StatementSync;
  readonly #use: StatementSync;
  readonly #expire: StatementSync;

  /**
   * Opens the file, makes it where there is none, for its owner alone, and sets a damaged one aside.
   *
   * @param days after which a name that its key does not use is free again; 0 for never
   * @param note told where a damaged file is now
   * @throws {Error} where it can't be opened, or a newer MIM has written it
   */
  constructor(path: string, days: number, note: (aside: string) => void) {
    this.#db = openDatabase(path, prepare, note).db;
    this.#time = days === 0 ? Infinity : days * DAY;
    this.#find = this.#db.prepare("SELECT identity, used FROM claim WHERE folded = ?");
    this.#take = this.#db.prepare(
      "INSERT OR REPLACE INTO claim (folded, identity, name, claimed, used) VALUES (?, ?, ?, ?, ?)",
    );
    this.#use = this.#db.prepare("UPDATE claim SET used = ? WHERE folded = ? AND identity = ?");
    this.#expire = this.#db.prepare("DELETE FROM claim WHERE used < ?");
  }

  /** How many names belong to somebody. */
  get size(): number {
    return Number(this.#db.prepare("SELECT count(*) AS size FROM claim").get()?.size);
  }

  /** Whether a name belongs to some key. */
  isTaken(name: string, now: number): boolean {
    return this.#owner(confusableKey(name), now) !== undefined;
  }

  /**
   * Takes a name for a key, or uses it once more.
   *
   * @returns whether the name is that key's own
   */
  take(name: string, identity: Uint8Array, now: number): boolean {
    const folded = confusableKey(name);
    const owner = this.#owner(folded, now);
    if (owner === undefined) return this.#takeFree(folded, name, identity, now);
    if (!equals(owner.identity, identity)) return false;
    // Nobody needs to know it to the minute, and most logins write nothing so.
    if (owner.used < now - HOUR) this.#use.run(now, folded, identity);
    return true;
  }

  /** Notes that keys still use their names, and forgets the names that are free again. */
  keep(used: Iterable<{ name: string; identity: Uint8Array }>, now: number): void {
    transaction(this.#db, "IMMEDIATE", () => {
      for (const { name, identity } of used) this.#use.run(now, confusableKey(name), identity);
      this.#expire.run(now - this.#time);
    });
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#db.close();
  }

  /** Another server with this file may have been faster. */
  #takeFree(folded: string, name: string, identity: Uint8Array, now: number): boolean {
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
    return used < now - this.#time ? undefined : { identity, used };
  }
}

/** Makes the tables where there are none, and looks for damage. */
function prepare(db: DatabaseSync): void {
  const isNew = transaction(db, "IMMEDIATE", () => {
    if (isOurs(db)) return false;
    db.exec(TABLES);
    return true;
  });
  db.prepare("PRAGMA journal_mode = WAL").get();
  db.exec("PRAGMA synchronous = NORMAL"); // a power cut may cost the last claims, not the file
  if (isNew) return;
  const [{ quick_check: found } = {}] = db.prepare("PRAGMA quick_check(1)").all();
  if (found !== "ok") throw new ForeignFileError(`database disk image is malformed: ${found}`);
}

/** False where the database is empty. */
function isOurs(db: DatabaseSync): boolean {
  const ask = (query: string) => Number(Object.values(db.prepare(query).get() ?? {})[0]);
  const application = ask("PRAGMA application_id");
  const version = ask("PRAGMA user_version");
  if (application === APPLICATION && version > VERSION) {
    throw new Error(
      `expected names of version ${VERSION}, got version ${version}: a newer MIM has written them; ` +
        "use that one, or another --data folder",
    );
  }
  if (application === APPLICATION) return true;
  if (ask("SELECT count(*) FROM sqlite_schema") === 0) return false;
  throw new ForeignFileError("expected names that belong to keys, got another database");
}
