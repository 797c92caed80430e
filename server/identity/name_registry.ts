import { equals } from "@std/bytes/equals";
import {
  CERTIFICATE_LIFETIME_MS,
  confusableKey,
  hasRotatedTo,
  type KeyRotation,
} from "../../protocol/mod.ts";
import { numberOf } from "../platform/storage/schema.ts";
import { SharedFile } from "../platform/storage/shared_file.ts";
import { isBusy } from "../platform/storage/sqlite.ts";
import { CLAIM_SCHEMA } from "./claim_schema.ts";
import { Statements } from "../platform/storage/statements.ts";
import { transaction } from "../platform/storage/transaction.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** How long a certificate may be believed, which is noted to the hour. */
export const CERTIFIED_MS = CERTIFICATE_LIFETIME_MS + HOUR_MS;

/** How long the whole server may stand still because another program writes the file. */
const BUSY_TIMEOUT_MS = 20;
/** After that, how long nobody tries to write: each login would stand still again. */
const BUSY_PAUSE_MS = 500;

/** A name and its owner, as the servers of a cluster tell each other. */
export interface SharedClaim {
  /** As its key has claimed it. */
  readonly name: string;
  /** The public key; empty once the name was freed. */
  readonly identity: Uint8Array;
  /** When the key took the name, in milliseconds since 1970. */
  readonly claimed: number;
  /** When the key used it last; once it was freed, when it was certified last. */
  readonly used: number;
}

/** How much later than the last use that others were told of a name may have been used. */
export const USE_NEWS_MS = 12 * HOUR_MS;

interface Claim {
  /** Empty once the operator has freed the name. */
  readonly identity: Uint8Array;
  readonly claimed: number;
  readonly used: number;
  readonly certified: number;
}

/**
 * Which name belongs to which key: the first key that claims a name owns it, until it has not used it for
 * so many days and its last certificate has expired. Names that look alike are one: see
 * {@linkcode confusableKey}. Callers pass the time, in milliseconds since 1970: about that, since only
 * the time that a server runs counts.
 */
export class NameRegistry implements Disposable {
  readonly #file: SharedFile<Statements>;
  readonly #expiryMs: number;
  #busyUntil = 0;

  /**
   * Opens the file; creates it for its owner alone, and moves a damaged one to quarantine.
   *
   * @param days after which a name that its key does not use is free again; 0 for never
   * @param onQuarantine called with the new name of a damaged file
   * @param isShared whether other machines use the file, too, one at a time
   * @throws {Error} if it can't be opened, or a newer MIM has written it
   */
  constructor(
    path: string,
    days: number,
    onQuarantine: (path: string) => void,
    isShared = false,
  ) {
    this.#file = SharedFile.openSync(path, {
      schema: CLAIM_SCHEMA,
      tables: (db) => new Statements(db),
      busyTimeoutMs: BUSY_TIMEOUT_MS,
      journal: isShared ? "truncate" : "wal", // a write-ahead log works within one machine only
      note: onQuarantine,
    });
    this.#expiryMs = days === 0 ? Infinity : days * DAY_MS;
  }

  /** How many names belong to a key. */
  get size(): number {
    return this.#file.do(({ db }) => numberOf(db, "SELECT count(*) FROM claim"));
  }

  /** The latest time that a name was used; undefined if none was. */
  get lastUse(): number | undefined {
    const last = this.#file.do(({ db }) => db.prepare("SELECT max(used) AS last FROM claim").get());
    return typeof last?.last === "number" ? last.last : undefined;
  }

  /** Whether a name belongs to a key. */
  isTaken(name: string, now: number): boolean {
    return this.#file.do((statements) => {
      const owner = ownerOf(statements, confusableKey(name));
      return owner !== undefined && !this.#isFree(owner, now);
    });
  }

  /**
   * Claims a name for a key, or uses it once more, and notes that it is certified now.
   *
   * @param rotations by which an owner's earlier key led to this one: the name goes with it
   * @returns when the key took the name, later than the owner before; undefined if the name belongs
   *   to another key
   * @throws {Error} if a free name can't be claimed now, for example because another program writes
   */
  claim(
    name: string,
    identity: Uint8Array,
    now: number,
    rotations: readonly KeyRotation[] = [],
  ): number | undefined {
    const folded = confusableKey(name);
    return this.#file.do((statements) => {
      const owner = ownerOf(statements, folded);
      const isOwn = owner !== undefined && equals(owner.identity, identity);
      if (!isOwn || this.#isFree(owner, now)) {
        return this.#take(statements, folded, name, identity, now, rotations);
      }
      // To the hour is enough, so that most logins write nothing.
      const { used, certified, claimed } = owner;
      if (Math.min(used, certified) < now - HOUR_MS) {
        this.#noteIfWritable(statements, folded, identity, now);
      }
      return claimed;
    });
  }

  /** Records that keys use their names, and frees names that have not been used for too long. */
  recordUse(used: Iterable<{ name: string; identity: Uint8Array }>, now: number): void {
    this.#file.do((statements) =>
      this.#write(statements, () => {
        for (const { name, identity } of used) use(statements, confusableKey(name), identity, now);
        const [unused, uncertified] = [now - this.#expiryMs, now - CERTIFIED_MS];
        statements.prepare("DELETE FROM claim WHERE used < ? AND certified < ?")
          .run(unused, uncertified);
      })
    );
  }

  /** A name's owner, if it has one or had one, and the name as it was claimed. */
  ownerOf(name: string): SharedClaim | undefined {
    const sql = "SELECT name, identity, claimed, used, certified FROM claim WHERE folded = ?";
    return this.#file.do(({ prepare }) => sharedIn(prepare(sql).get(confusableKey(name)) ?? {}));
  }

  /** Whether another key may take a name that stands so. */
  isFree({ identity, used }: Pick<SharedClaim, "identity" | "used">, now: number): boolean {
    const certified = identity.length === 0 ? used : used + USE_NEWS_MS;
    return this.#isFree({ identity, claimed: 0, used, certified }, now);
  }

  /** All names that have or had an owner, or those that were freed. */
  all(which: "all" | "freed"): SharedClaim[] {
    return this.#file.do(({ db }) => {
      const sql = "SELECT name, identity, claimed, used, certified FROM claim" +
        (which === "freed" ? " WHERE length(identity) = 0" : "");
      return db.prepare(sql).all().flatMap((row) => sharedIn(row) ?? []);
    });
  }

  /** Records what the servers of a cluster have settled about names, in the place of what was here. */
  adopt(claims: readonly SharedClaim[], now: number): void {
    const sql = "INSERT OR REPLACE INTO claim " +
      "(folded, identity, name, claimed, used, certified) VALUES (?, ?, ?, ?, ?, ?)";
    this.#file.do((statements) =>
      this.#write(statements, () => {
        for (const { name, identity, claimed, used } of claims) {
          // Of a freed name nobody says when it was used last; it was until about now.
          const [last, certified] = identity.length === 0
            ? [now, used]
            : [used, used + USE_NEWS_MS];
          statements.prepare(sql)
            .run(confusableKey(name), identity, name, claimed, last, certified);
        }
      })
    );
  }

  /**
   * Writes something that changes nothing: reading shows nothing of a full disk.
   *
   * @throws {Error} if it can't be written
   */
  checkWritable(): void {
    this.#file.do((statements) =>
      this.#write(statements, () => {
        const version = statements.prepare("PRAGMA user_version").get()?.user_version ?? 0;
        statements.prepare(`PRAGMA user_version = ${Number(version)}`).run();
        const sql =
          "UPDATE claim SET used = used WHERE folded IN (SELECT folded FROM claim LIMIT 1)";
        statements.prepare(sql).run();
      })
    );
  }

  /** Tries to write at once, even if another program was writing a moment ago. */
  endPause(): void {
    this.#busyUntil = 0;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** In a transaction: another server with this file may have been faster. */
  #take(
    statements: Statements,
    folded: string,
    name: string,
    identity: Uint8Array,
    now: number,
    rotations: readonly KeyRotation[],
  ): number | undefined {
    return this.#write(statements, () => {
      const owner = ownerOf(statements, folded);
      if (owner !== undefined && !this.#isFree(owner, now)) {
        if (equals(owner.identity, identity)) return owner.claimed;
        if (!hasRotatedTo(owner.identity, identity, rotations)) return undefined;
      }
      const claimed = Math.max(now, (owner?.claimed ?? 0) + 1);
      const sql = "INSERT OR REPLACE INTO claim " +
        "(folded, identity, name, claimed, used, certified) VALUES (?, ?, ?, ?, ?, ?)";
      statements.prepare(sql).run(folded, identity, name, claimed, now, now);
      return claimed;
    });
  }

  /** If another program writes, that is recorded with the next login, or within the hour. */
  #noteIfWritable(
    statements: Statements,
    folded: string,
    identity: Uint8Array,
    now: number,
  ): void {
    const sql = "UPDATE claim SET used = ?, certified = ? WHERE folded = ? AND identity = ?";
    try {
      this.#write(statements, () => statements.prepare(sql).run(now, now, folded, identity));
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
  }

  #write<Result>({ db }: Statements, work: () => Result): Result {
    if (performance.now() < this.#busyUntil) throw new Error("database is locked");
    try {
      return transaction(db, "IMMEDIATE", work);
    } catch (error) {
      if (isBusy(error)) this.#busyUntil = performance.now() + BUSY_PAUSE_MS;
      throw error;
    }
  }

  /** Whether another key may take the name: the last certificate has expired, too. */
  #isFree({ identity, used, certified }: Claim, now: number): boolean {
    const isUnused = identity.length === 0 || used < now - this.#expiryMs; // or the operator freed it
    return isUnused && certified < now - CERTIFIED_MS;
  }
}

function ownerOf({ prepare }: Statements, folded: string): Claim | undefined {
  const sql = "SELECT identity, claimed, used, certified FROM claim WHERE folded = ?";
  return claimIn(prepare(sql).get(folded) ?? {});
}

function claimIn(
  { identity, claimed, used, certified }: Record<string, unknown>,
): Claim | undefined {
  if (!(identity instanceof Uint8Array) || typeof claimed !== "number") return undefined;
  if (typeof used !== "number" || typeof certified !== "number") return undefined;
  return { identity, claimed, used, certified };
}

function sharedIn(row: Record<string, unknown>): SharedClaim | undefined {
  const claim = claimIn(row);
  if (claim === undefined || typeof row.name !== "string") return undefined;
  const { identity, claimed, used, certified } = claim;
  return { name: row.name, identity, claimed, used: identity.length === 0 ? certified : used };
}

function use({ prepare }: Statements, folded: string, identity: Uint8Array, now: number): void {
  const sql = "UPDATE claim SET used = ? WHERE folded = ? AND identity = ?";
  prepare(sql).run(now, folded, identity);
}
