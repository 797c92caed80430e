import { confusableKey } from "../../protocol/mod.ts";
import { SharedFile } from "../platform/storage/shared_file.ts";
import { Statements } from "../platform/storage/statements.ts";
import { transaction } from "../platform/storage/transaction.ts";
import { CLAIM_SCHEMA } from "./claim_schema.ts";
import { CERTIFIED_MS } from "./name_registry.ts";

/** How long another program may write meanwhile. */
const BUSY_TIMEOUT_MS = 5_000;

/** A name that belongs to a key, or has been freed. */
export interface OwnedName {
  /** As its key has claimed it. */
  readonly name: string;
  /** The public key; empty if the name was freed. */
  readonly identity: Uint8Array;
  /** When it was used last, in milliseconds since 1970 by the registry's clock. */
  readonly used: number;
  /** How long certificates of its key still count, in milliseconds. */
  readonly certifiedMs: number;
}

/** The operator's way to the names, beside a server that may run. */
export class NameAdmin implements Disposable {
  readonly #file: SharedFile<Statements>;

  /**
   * Opens the file of a data folder.
   *
   * @throws {Error} if there is none, or it can't be used
   */
  constructor(folder: string) {
    const path = `${folder}/names.db`;
    Deno.statSync(path); // nobody's names are listed by making a file
    this.#file = SharedFile.openSync(path, {
      schema: CLAIM_SCHEMA,
      tables: (db) => new Statements(db),
      busyTimeoutMs: BUSY_TIMEOUT_MS,
      journal: "keep",
      note: () => {},
    });
  }

  /** All names, by name. */
  list(): OwnedName[] {
    return this.#file.do(({ db }) => {
      const rows = db.prepare("SELECT name, identity, used, certified FROM claim").all();
      const owned = rows.flatMap(({ name, identity, used, certified }) =>
        typeof name === "string" && identity instanceof Uint8Array &&
          typeof used === "number" && typeof certified === "number"
          ? [{ name, identity, used, certified }]
          : []
      );
      // The registry's clock goes on only while the server runs; it notes each use within the hour.
      const now = Math.max(...owned.map(({ used, certified }) => Math.max(used, certified)));
      return owned.sort((one, other) => one.name.localeCompare(other.name)).map((
        { certified, ...row },
      ) => ({ ...row, certifiedMs: Math.max(0, certified + CERTIFIED_MS - now) }));
    });
  }

  /** The key that owns a name; undefined if none does. */
  owner(name: string): Uint8Array | undefined {
    const sql = "SELECT identity FROM claim WHERE folded = ?";
    const row = this.#file.do(({ db }) => db.prepare(sql).get(confusableKey(name)));
    const { identity } = row ?? {};
    return identity instanceof Uint8Array && identity.length > 0 ? identity : undefined;
  }

  /**
   * Takes a name from its key. Another key gets it once the last certificate has expired.
   *
   * @param now whether another key gets it at once, though certificates of the old one still count
   * @returns how the name stood before; undefined if no key owned it
   * @throws {Error} if the file can't be written
   */
  free(name: string, now: boolean): OwnedName | undefined {
    const folded = confusableKey(name);
    const before = this.list().find((owned) => confusableKey(owned.name) === folded);
    if (before === undefined) return undefined;
    const sql = `UPDATE claim SET identity = zeroblob(0)${now ? ", certified = 0" : ""} ` +
      "WHERE folded = ?";
    this.#file.do(({ db }) => transaction(db, "IMMEDIATE", () => db.prepare(sql).run(folded)));
    return before;
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
