import { ForeignFileError } from "../../../server/platform/storage/sqlite.ts";
import type { SharedSchema } from "../../../server/platform/storage/shared_file.ts";

const TABLES = `
CREATE TABLE transfer (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  direction TEXT NOT NULL,
  identity BLOB NOT NULL,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  offer BLOB NOT NULL,
  manifest BLOB,
  details TEXT NOT NULL,
  UNIQUE (id, direction)
) STRICT;`;

export const FILES_SCHEMA: SharedSchema = {
  what: "files",
  application: 0x4d494d46, // MIMF
  version: 1,
  tables: TABLES,
  upgrades: {},
  describeQuarantine: (aside) =>
    `The list of transfers was damaged and was moved to ${aside}. Files that were under way do not ` +
    "go on by themselves: offer them again",
  check: (db) => {
    const rows = db.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").all();
    if (rows.map(({ sql }) => `\n${sql};`).join() !== TABLES) {
      throw new ForeignFileError("expected transfers, got other tables");
    }
  },
};
