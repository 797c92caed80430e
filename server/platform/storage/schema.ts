import type { DatabaseSync } from "node:sqlite";
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
  /** Brings an older file up to date, and reads enough to find damage. */
  readonly check: (db: DatabaseSync) => void;
}

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
export function prepareSchema(db: DatabaseSync, schema: Schema): void {
  const isNew = !transaction(db, "DEFERRED", () => checkOwner(db, schema));
  db.prepare("PRAGMA journal_mode = WAL").get(); // readers and a writer don't wait for each other
  db.exec("PRAGMA synchronous = NORMAL");
  db.exec("PRAGMA secure_delete = ON"); // deleted data is overwritten
  if (isNew) createTables(db, schema);
  schema.check(db);
}

/**
 * Whether the file is of that kind; false if it is empty. Call it in a transaction: another program
 * could create the tables between two of its queries.
 */
function checkOwner(db: DatabaseSync, { what, application, version }: Schema): boolean {
  const versionFound = numberOf(db, "PRAGMA user_version");
  const applicationFound = numberOf(db, "PRAGMA application_id");
  const tables = numberOf(db, "SELECT count(*) FROM sqlite_schema");
  if (applicationFound === application && versionFound > version) {
    throw new NewerSchemaError(
      `expected ${what} of version ${version}, got version ${versionFound}: a newer MIM has written it; ` +
        "use that one, or another folder",
    );
  }
  if (applicationFound === application && versionFound === version) return true;
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

/** The single number that a query returns. */
export function numberOf(db: DatabaseSync, query: string): number {
  return Number(Object.values(db.prepare(query).get() ?? {})[0]);
}
