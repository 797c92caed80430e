import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { confusableKey } from "../../../protocol/mod.ts";
import { ForeignFileError } from "../../../server/platform/storage/sqlite.ts";
import { numberOf } from "../../../server/platform/storage/schema.ts";
import { storable } from "../../../server/platform/storage/storable.ts";
import type { SharedSchema } from "../../../server/platform/storage/shared_file.ts";

/** `folded` is the name as compared; `claimant` and `claimed` are the latest claim that is known. */
const PIN_TABLE = `
CREATE TABLE pin (
  number INTEGER PRIMARY KEY,
  server TEXT NOT NULL,
  folded TEXT NOT NULL,
  name TEXT NOT NULL,
  identity BLOB NOT NULL,
  verified INTEGER NOT NULL,
  since INTEGER NOT NULL,
  address TEXT,
  claimant BLOB,
  claimed INTEGER,
  UNIQUE (server, folded)
) STRICT;`;
/**
 * `target` is the message that a text answers, or that an action is about. Texts are stored as bytes, since SQLite would end them at a NUL.
 */
const OUTBOX_TABLE = `
CREATE TABLE outbox (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  server TEXT NOT NULL,
  identity BLOB NOT NULL,
  text BLOB NOT NULL,
  at INTEGER NOT NULL,
  rotation BLOB,
  expires INTEGER,
  action TEXT,
  target BLOB
) STRICT;`;
/** The own key with which the user was logged in last at a place. */
const LOGIN_TABLE = `
CREATE TABLE login (
  address TEXT PRIMARY KEY,
  identity BLOB NOT NULL
) STRICT, WITHOUT ROWID;`;
const OTHER_TABLES = `
CREATE TABLE server (
  address TEXT PRIMARY KEY,
  key BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE received (
  number INTEGER PRIMARY KEY,
  identity BLOB NOT NULL,
  id TEXT NOT NULL,
  UNIQUE (identity, id)
) STRICT;`;
const TABLES = OTHER_TABLES + PIN_TABLE + OUTBOX_TABLE + LOGIN_TABLE;

export const CONTACTS_SCHEMA: SharedSchema = {
  what: "contacts",
  application: 0x4d494d43, // MIMC
  version: 4,
  tables: TABLES,
  upgrades: { 1: upgradeFrom1, 2: upgradeFrom2, 3: (db) => db.exec(LOGIN_TABLE) },
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

/**
 * Names that look alike are one from version 2 on. Of their pins the verified one stays, else the oldest:
 * a peer with another of the keys is refused until the user decides.
 */
function upgradeFrom1(db: DatabaseSync): void {
  const pins = db.prepare("SELECT * FROM pin ORDER BY verified DESC, number").all();
  const kept = new Map(pins.toReversed().map((pin) => [`${pin.server} ${foldOf(pin)}`, pin]));
  const waiting = db.prepare("SELECT * FROM outbox").all();
  db.exec(`DROP TABLE pin; DROP TABLE outbox; ${PIN_TABLE} ${OUTBOX_TABLE}`);
  for (const pin of kept.values()) insert(db, "pin", { ...pin, folded: foldOf(pin) });
  for (const message of waiting) insert(db, "outbox", message);
}

/** Messages in the outbox may answer others, or be actions, from version 3 on. */
function upgradeFrom2(db: DatabaseSync): void {
  const waiting = db.prepare("SELECT * FROM outbox").all();
  db.exec(`DROP TABLE outbox; ${OUTBOX_TABLE}`);
  for (const message of waiting) insert(db, "outbox", message);
}

function foldOf({ name }: Record<string, unknown>): string {
  return storable(confusableKey(String(name)));
}

function insert(db: DatabaseSync, table: string, row: Record<string, SQLOutputValue>): void {
  const columns = Object.keys(row);
  const places = columns.map(() => "?").join(", ");
  db.prepare(`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${places})`)
    .run(...Object.values(row));
}

/** Damage in the tables' own definitions would show up only later, as anything. */
function checkTables(db: DatabaseSync): void {
  const rows = db.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").all();
  const found = rows.map(({ sql }) => `\n${sql};`);
  const expected = TABLES.split(/(?=\nCREATE )/);
  if (found.sort().join() !== expected.sort().join()) {
    throw new ForeignFileError("expected contacts, got other tables");
  }
}
