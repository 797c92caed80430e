import type { DatabaseSync } from "node:sqlite";
import { ForeignFileError } from "../../../server/platform/storage/sqlite.ts";
import { numberOf } from "../../../server/platform/storage/schema.ts";
import type { SharedSchema } from "../../../server/platform/storage/shared_file.ts";

/** Texts are stored as bytes, since SQLite would end them at a NUL. `folded` is the name as compared. */
const TABLES = `
CREATE TABLE server (
  address TEXT PRIMARY KEY,
  key BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE pin (
  number INTEGER PRIMARY KEY,
  server TEXT NOT NULL,
  folded TEXT NOT NULL,
  name TEXT NOT NULL,
  identity BLOB NOT NULL,
  verified INTEGER NOT NULL,
  since INTEGER NOT NULL,
  address TEXT,
  UNIQUE (server, folded)
) STRICT;
CREATE TABLE outbox (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  server TEXT NOT NULL,
  identity BLOB NOT NULL,
  text BLOB NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE received (
  number INTEGER PRIMARY KEY,
  identity BLOB NOT NULL,
  id TEXT NOT NULL,
  UNIQUE (identity, id)
) STRICT;
`;

export const CONTACTS_SCHEMA: SharedSchema = {
  what: "contacts",
  application: 0x4d494d43, // MIMC
  version: 1,
  tables: TABLES,
  describeQuarantine: (aside) =>
    `The file of known keys was damaged and was moved to ${aside}. Every user and server is new to ` +
    "you again, and a changed key would go unnoticed: compare the safety numbers again. " +
    "Undelivered messages are lost",
  check: (db) => {
    checkTables(db);
    // These tables are small and important: they are read whole.
    for (const table of ["server", "pin", "outbox"]) {
      numberOf(db, `SELECT count(*) FROM ${table} NOT INDEXED`);
    }
    numberOf(db, "SELECT max(number) FROM received");
  },
};

/** Damage in the tables' own definitions would show up only later, as anything. */
function checkTables(db: DatabaseSync): void {
  const rows = db.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid")
    .all();
  const found = rows.map(({ sql }) => `${sql};`).join("\n");
  if (found !== TABLES.trim()) throw new ForeignFileError("expected contacts, got other tables");
}
