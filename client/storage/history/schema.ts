import type { DatabaseSync } from "node:sqlite";
import { numberOf } from "../../../server/platform/storage/schema.ts";
import { fullTextOf } from "./full_text.ts";
import type { SharedSchema } from "../../../server/platform/storage/shared_file.ts";
import { transaction } from "../../../server/platform/storage/transaction.ts";

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
`;

/** Added in later versions; older ones of MIM keep them. `mark` identifies a MIM/2 message. */
const ADDED = `
CREATE INDEX IF NOT EXISTS message_sent ON message (peer, address) WHERE kind = 1;
ALTER TABLE message ADD COLUMN mark TEXT;
ALTER TABLE message ADD COLUMN delivered INTEGER;
CREATE UNIQUE INDEX message_mark ON message (mark) WHERE mark IS NOT NULL;
`;

/** Added later still: up to where each thread is read, and what else is remembered of it. */
const THREADS = `
CREATE TABLE thread (
  peer TEXT PRIMARY KEY,
  read INTEGER NOT NULL DEFAULT 0,
  draft TEXT NOT NULL DEFAULT '',
  muted INTEGER NOT NULL DEFAULT 0,
  alias TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO thread (peer, read) SELECT peer, max(id) FROM message GROUP BY peer;
`;

/** Added later still: when each peer was online last. */
const ADDED_SEEN = `
ALTER TABLE thread ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
CREATE VIEW thread_seen AS SELECT 1;
`;

/** Added later still: the other names that each peer has had, the newest first, as JSON. */
const ADDED_NAMES = `
ALTER TABLE thread ADD COLUMN names TEXT NOT NULL DEFAULT '[]';
CREATE VIEW thread_names AS SELECT 1;
`;

/** Added later still: when each message came, and what the file knows of time. */
const ADDED_CLOCK = `
ALTER TABLE message ADD COLUMN kept INTEGER;
CREATE INDEX message_kept ON message (coalesce(kept, at));
CREATE TABLE clock (
  id INTEGER PRIMARY KEY,
  counted INTEGER NOT NULL,
  wall INTEGER NOT NULL,
  doubted INTEGER NOT NULL,
  doubted_at INTEGER NOT NULL
) STRICT;
`;

/** The index of texts as they are indexed now, after a change of that; the view marks it. */
const INDEXED = `
DROP TABLE words;
CREATE VIRTUAL TABLE words USING fts5(
  text, content='', columnsize=0, tokenize="unicode61 remove_diacritics 2"
);
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
INSERT INTO words (words, rank) VALUES ('automerge', 0);
INSERT INTO words (rowid, text) SELECT id, searchable(text) FROM message;
CREATE VIEW words_folded AS SELECT 1;
`;

/** Added later still: what a message answers, what was done with it, and its earlier texts. */
const ACTIONS = `
ALTER TABLE message ADD COLUMN reply TEXT;
ALTER TABLE message ADD COLUMN state TEXT;
CREATE TABLE seen_message (
  peer TEXT PRIMARY KEY,
  message INTEGER NOT NULL
) STRICT;
CREATE TABLE version (
  id INTEGER PRIMARY KEY,
  message INTEGER NOT NULL,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  text TEXT NOT NULL,
  UNIQUE (message, at, action)
) STRICT;
CREATE TABLE kept_action (
  id INTEGER PRIMARY KEY,
  mark TEXT NOT NULL,
  peer TEXT NOT NULL,
  key TEXT NOT NULL,
  action TEXT NOT NULL,
  record TEXT NOT NULL,
  UNIQUE (key, action)
) STRICT;
CREATE INDEX kept_action_mark ON kept_action (mark);
`;

/** An object that each change of the schema adds, by which the change is recognized. */
const CHANGES = [
  ["message_mark", ADDED],
  ["message_kept", ADDED_CLOCK],
  ["words_folded", INDEXED],
  ["thread", THREADS],
  ["thread_seen", ADDED_SEEN],
  ["thread_names", ADDED_NAMES],
  ["kept_action", ACTIONS],
] as const;

export const HISTORY_SCHEMA: SharedSchema = {
  what: "a history",
  application: 0x4d494d48, // MIMH
  version: 1,
  tables: TABLES,
  describeQuarantine: (aside) =>
    `The history was damaged and was moved to ${aside}; a new one begins`,
  check: (db) => {
    db.function("searchable", { deterministic: true }, (text) => fullTextOf(String(text)));
    for (const [name, sql] of CHANGES) {
      if (has(db, name)) continue;
      transaction(db, "IMMEDIATE", () => has(db, name) || db.exec(sql));
    }
    touchEnds(db);
  },
};

/** Reads the first and the last page of each table, where most damage shows. */
function touchEnds(db: DatabaseSync): void {
  for (const column of ["id", "peer", "at"]) {
    // One by one: a query for both would read the whole table.
    db.prepare(`SELECT min(${column}) FROM message`).get();
    db.prepare(`SELECT max(${column}) FROM message`).get();
  }
  db.prepare("SELECT rowid FROM words WHERE words MATCH '\"a\"' LIMIT 1").get();
}

function has(db: DatabaseSync, name: string): boolean {
  return numberOf(db, `SELECT count(*) FROM sqlite_schema WHERE name = '${name}'`) > 0;
}
