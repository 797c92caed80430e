import type { DatabaseSync } from "node:sqlite";
import { confusableKey } from "../../protocol/mod.ts";
import type { SharedSchema } from "../platform/storage/shared_file.ts";
import { ForeignFileError } from "../platform/storage/sqlite.ts";

const TABLES = `
CREATE TABLE claim (
  folded TEXT PRIMARY KEY,
  identity BLOB NOT NULL,
  name TEXT NOT NULL,
  claimed INTEGER NOT NULL,
  used INTEGER NOT NULL,
  certified INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_used ON claim (used);
`;

/** The file `names.db`: which name belongs to which key. The key is empty if the name was freed. */
export const CLAIM_SCHEMA: SharedSchema = {
  what: "a name registry",
  application: 0x4d494d4e, // MIMN
  version: 2,
  tables: TABLES,
  upgrades: { 1: upgradeFrom1 },
  describeQuarantine: (path) => path,
  check(db) {
    const [{ quick_check: found } = {}] = db.prepare("PRAGMA quick_check(1)").all();
    if (found !== "ok") throw new ForeignFileError(`database disk image is malformed: ${found}`);
  },
};

/** Names were folded otherwise then. Of two that are one now, the older claim stays. */
function upgradeFrom1(db: DatabaseSync): void {
  const claims = db.prepare("SELECT identity, name, claimed, used FROM claim ORDER BY claimed")
    .all();
  db.exec(`DROP TABLE claim; ${TABLES}`);
  const insert = db.prepare(
    "INSERT OR IGNORE INTO claim (folded, identity, name, claimed, used, certified) " +
      "VALUES (?, ?, ?, ?, ?, ?)",
  );
  for (const { identity, name, claimed, used } of claims) {
    if (identity === undefined || typeof name !== "string") continue;
    insert.run(confusableKey(name), identity, name, claimed ?? 0, used ?? 0, used ?? 0);
  }
}
