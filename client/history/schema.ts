import type { DatabaseSync } from "node:sqlite";
import { ForeignFileError } from "../../server/database_file.ts";
import { transaction } from "../../server/transaction.ts";

/** Marks the file as MIM's history: "MIMH". */
const APPLICATION = 0x4d494d48;
const VERSION = 1;

const TABLES = `
CREATE TABLE message (
  id INTEGER PRIMARY KEY,
  peer TEXT NOT NULL,
  address TEXT NOT NULL,
  server TEXT,
  kind INTEGER NOT NULL,
  at INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX message_peer ON message (peer);
CREATE INDEX message_at ON message (at);
CREATE VIRTUAL TABLE words USING fts5(
  text, content='', columnsize=0, tokenize="unicode61 remove_diacritics 2"
);
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
INSERT INTO words (words, rank) VALUES ('automerge', 0);
PRAGMA application_id = ${APPLICATION};
PRAGMA user_version = ${VERSION};
`;

/** Finds at once whether somebody has been written to; versions of MIM that know nothing of it keep it. */
const SENT_INDEX =
  "CREATE INDEX IF NOT EXISTS message_sent ON message (peer, address) WHERE kind = 1";

/** The file is a history of a version of MIM that is newer than this one. */
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
export function prepareSchema(db: DatabaseSync): void {
  const isNew = !transaction(db, "DEFERRED", () => checkOwner(db));
  db.prepare("PRAGMA journal_mode = WAL").get(); // readers and a writer don't wait for each other
  db.exec("PRAGMA synchronous = NORMAL");
  db.exec("PRAGMA secure_delete = ON"); // what is forgotten is overwritten
  if (isNew) createTables(db);
  if (!hasIndex(db)) db.exec(SENT_INDEX); // where it was begun before there was one
  touchEnds(db);
}

/**
 * Whether the file is a history; false where it is empty. To be asked in a transaction: between two of
 * its questions another client could make the tables.
 */
function checkOwner(db: DatabaseSync): boolean {
  const version = numberOf(db, "PRAGMA user_version");
  const application = numberOf(db, "PRAGMA application_id");
  const tables = numberOf(db, "SELECT count(*) FROM sqlite_schema");
  if (application === APPLICATION && version > VERSION) {
    throw new NewerSchemaError(
      `expected a history of version ${VERSION}, got version ${version}: a newer MIM has written it; use that one, or another --data folder`,
    );
  }
  if (application === APPLICATION && version === VERSION) return true;
  if (tables === 0) return false;
  throw new ForeignFileError("expected a history of MIM, got another database");
}

/** In one transaction: where two clients start at once, one finds it done. */
function createTables(db: DatabaseSync): void {
  transaction(db, "IMMEDIATE", () => {
    if (!checkOwner(db)) db.exec(TABLES);
  });
}

/** Reads the first and the last page of each table: most damage shows there, in no time. */
function touchEnds(db: DatabaseSync): void {
  for (const column of ["id", "peer", "at"]) {
    // One by one: a query for both would read the whole table.
    db.prepare(`SELECT min(${column}) FROM message`).get();
    db.prepare(`SELECT max(${column}) FROM message`).get();
  }
  db.prepare("SELECT rowid FROM words WHERE words MATCH '\"a\"' LIMIT 1").get();
}

function hasIndex(db: DatabaseSync): boolean {
  return numberOf(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'message_sent'") > 0;
}

function numberOf(db: DatabaseSync, query: string): number {
  return Number(Object.values(db.prepare(query).get() ?? {})[0]);
}
