import type { DatabaseSync } from "node:sqlite";
import { copyDatabase } from "./copy_database.ts";
import { ForeignFileError } from "./sqlite.ts";
import { transaction } from "./transaction.ts";

/** The kind of a database file: its program, its version and its tables. */
export interface Schema {
  /** Its name, as in "expected a history". */
  readonly what: string;
  /** Marks the file as one of this kind. */
  readonly application: number;
  readonly version: number;
  /** Creates its tables in an empty file. */
  readonly tables: string;
  /**
   * The statements that bring a file of an older version to the next one, by the older version; they run in a
   * transaction, after a copy of the file was made.
   */
  readonly upgrades?: Readonly<Record<number, (db: DatabaseSync) => void>>;
  /** Reads enough to find damage. */
  readonly check: (db: DatabaseSync) => void;
}

/**
 * How changes are written: `wal`, so that readers and a writer don't wait for each other; `truncate`, which also
 * works on a network file system; `keep`, as the program does that created the file.
 */
export type JournalMode = "wal" | "truncate" | "keep";

/** A newer version of MIM has written the file. */
export class NewerSchemaError extends Error {
  override readonly name = "NewerSchemaError";
}

/**
 * Prepares a database for use: a new one gets its tables.
 *
 * @throws {NewerSchemaError} if a newer version of MIM has written it
 * @throws {ForeignFileError} if another program has
 * @throws {Error} of SQLite, if the file is damaged
 */
export function prepareSchema(
  db: DatabaseSync,
  schema: Schema,
  journal: JournalMode = "wal",
): void {
  const isNew = !transaction(db, "DEFERRED", () => checkOwner(db, schema));
  if (!isNew && numberOf(db, "PRAGMA user_version") < schema.version) upgrade(db, schema);
  if (journal !== "keep") db.prepare(`PRAGMA journal_mode = ${journal}`).get();
  db.exec(`PRAGMA synchronous = ${journal === "truncate" ? "FULL" : "NORMAL"}`);
  db.exec("PRAGMA secure_delete = ON"); // deleted data is overwritten
  if (isNew) createTables(db, schema);
  schema.check(db);
}

/**
 * Whether the file is of that kind; false if it is empty. Call it in a transaction: another program
 * could create the tables between two of its queries.
 */
function checkOwner(db: DatabaseSync, schema: Schema): boolean {
  const { what, application, version, upgrades = {} } = schema;
  const versionFound = numberOf(db, "PRAGMA user_version");
  const applicationFound = numberOf(db, "PRAGMA application_id");
  const tables = numberOf(db, "SELECT count(*) FROM sqlite_schema");
  if (applicationFound === application && versionFound > version) {
    throw new NewerSchemaError(
      `expected ${what} of version ${version}, got version ${versionFound}: a newer MIM has written it; ` +
        "use that one, or another folder",
    );
  }
  const isUsable = versionFound === version || upgrades[versionFound] !== undefined;
  if (applicationFound === application && isUsable) return true;
  if (tables === 0) return false;
  throw new ForeignFileError(`expected ${what} of MIM, got another database`);
}

/** In one transaction, since another program may do the same. */
function createTables(db: DatabaseSync, schema: Schema): void {
  transaction(db, "IMMEDIATE", () => {
    if (checkOwner(db, schema)) return;
    db.exec(schema.tables);
    db.exec(`PRAGMA application_id = ${schema.application}`);
    db.exec(`PRAGMA user_version = ${schema.version}`);
  });
}

/** Brings the file to this version; a copy of what it was stays beside it, for its owner alone. */
function upgrade(db: DatabaseSync, { version, upgrades = {} }: Schema): void {
  const from = numberOf(db, "PRAGMA user_version");
  const [{ file } = {}] = db.prepare("PRAGMA database_list").all();
  if (typeof file === "string" && file !== "") {
    const copy = `${file}.version${from}`;
    try {
      Deno.removeSync(copy); // of an upgrade that was cut short
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    Deno.openSync(copy, { write: true, createNew: true, mode: 0o600 }).close();
    copyDatabase(db, copy);
  }
  transaction(db, "IMMEDIATE", () => {
    for (let found; (found = numberOf(db, "PRAGMA user_version")) < version;) {
      upgrades[found]?.(db);
      db.exec(`PRAGMA user_version = ${found + 1}`);
    }
  });
}

/** The single number that a query returns. */
export function numberOf(db: DatabaseSync, query: string): number {
  return Number(Object.values(db.prepare(query).get() ?? {})[0]);
}
