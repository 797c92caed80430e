import type { DatabaseSync } from "node:sqlite";
import { ForeignFileError } from "./sqlite.ts";
import { transaction } from "./transaction.ts";

/** What a file is to be: which program's, which version, and what stands in it. */
export interface Schema {
  /** What it is, as in "expected a history". */
  readonly what: string;
  /** Marks the file as one of this kind. */
  readonly application: number;
  readonly version: number;
  /** Makes its tables, in an empty file. */
  readonly tables: string;
  /** Said of a damaged file, once it has that other name. */
  readonly setAside: (aside: string) => string;
  /** Brings an older file up to date, and touches what shows damage. */
  readonly check: (db: DatabaseSync) => void;
}

/** A newer version of MIM has written the file. */
export class NewerSchemaError extends Error {
  override readonly name = "NewerSchemaError";
}

/**
 * Makes a database ready for use: a new one gets its tables. One that can't be used is left as it is.
 *
 * @throws {NewerSchemaError} where a newer version of MIM has written it
 * @throws {ForeignFileError} where something else has
 * @throws {Error} of SQLite, where the file is damaged
 */
export function prepareSchema(db: DatabaseSync, schema: Schema): void {
  const isNew = !transaction(db, "DEFERRED", () => checkOwner(db, schema));
  db.prepare("PRAGMA journal_mode = WAL").get(); // readers and a writer don't wait for each other
  db.exec("PRAGMA synchronous = NORMAL");
  db.exec("PRAGMA secure_delete = ON"); // what is forgotten is overwritten
  if (isNew) createTables(db, schema);
  schema.check(db);
}

/**
 * Whether the file is of that kind; false where it is empty. To be asked in a transaction: between two
 * of its questions another client could make the tables.
 */
function checkOwner(db: DatabaseSync, { what, application, version }: Schema): boolean {
  const versionFound = numberOf(db, "PRAGMA user_version");
  const applicationFound = numberOf(db, "PRAGMA application_id");
  const tables = numberOf(db, "SELECT count(*) FROM sqlite_schema");
  if (applicationFound === application && versionFound > version) {
    throw new NewerSchemaError(
      `expected ${what} of version ${version}, got version ${versionFound}: a newer MIM has written it; use that one, or another --data folder`,
    );
  }
  if (applicationFound === application && versionFound === version) return true;
  if (tables === 0) return false;
  throw new ForeignFileError(`expected ${what} of MIM, got another database`);
}

/** In one transaction: where two clients start at once, one finds it done. */
function createTables(db: DatabaseSync, schema: Schema): void {
  transaction(db, "IMMEDIATE", () => {
    if (checkOwner(db, schema)) return;
    db.exec(schema.tables);
    db.exec(`PRAGMA application_id = ${schema.application}`);
    db.exec(`PRAGMA user_version = ${schema.version}`);
  });
}

/** The one number that a query gives. */
export function numberOf(db: DatabaseSync, query: string): number {
  return Number(Object.values(db.prepare(query).get() ?? {})[0]);
}
