import type { DatabaseSync } from "node:sqlite";
import { ForeignFileError } from "../../../server/platform/storage/sqlite.ts";
import { numberOf } from "../../../server/platform/storage/schema.ts";
import type { SharedSchema } from "../../../server/platform/storage/shared_file.ts";

/**
 * `read` is the number of the newest entry that the user has read; `doubled` is 1 if two entries have one
 * count. Texts are stored as bytes, since SQLite would end them at a NUL.
 */
const TABLES = `
CREATE TABLE device (
  id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE room (
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  state TEXT NOT NULL,
  read INTEGER NOT NULL,
  trimmed INTEGER NOT NULL DEFAULT 0,
  doubled INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE entry (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  room INTEGER NOT NULL,
  hash BLOB NOT NULL,
  author BLOB NOT NULL,
  device BLOB NOT NULL,
  membership INTEGER NOT NULL,
  count INTEGER NOT NULL,
  effective INTEGER NOT NULL,
  target BLOB NOT NULL,
  text BLOB NOT NULL,
  header BLOB NOT NULL,
  signature BLOB NOT NULL,
  body BLOB,
  UNIQUE (room, hash)
) STRICT;
CREATE INDEX entry_slot ON entry (room, membership, author, device, count);
CREATE INDEX entry_order ON entry (room, effective, hash);
CREATE INDEX entry_target ON entry (room, target) WHERE target <> x'';`;

export const ROOMS_SCHEMA: SharedSchema = {
  what: "rooms",
  application: 0x4d494d52, // MIMR
  version: 1,
  tables: TABLES,
  describeQuarantine: (aside) =>
    `The file of your rooms was damaged and was moved to ${aside}. Their members can invite you anew; ` +
    "what was said comes from them",
  check: (db) => {
    checkTables(db);
    numberOf(db, "SELECT count(*) FROM room NOT INDEXED");
    numberOf(db, "SELECT max(number) FROM entry");
  },
};

/** Damage in the tables' own definitions would show up only later, as anything. */
function checkTables(db: DatabaseSync): void {
  const rows = db.prepare(
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'",
  ).all();
  const found = rows.map(({ sql }) => `\n${sql};`);
  const expected = TABLES.split(/(?=\nCREATE )/);
  if (found.sort().join() !== expected.sort().join()) {
    throw new ForeignFileError("expected rooms, got other tables");
  }
}
