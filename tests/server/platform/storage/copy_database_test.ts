/** Copies of databases, with no more permissions than the programs have. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { copyDatabase } from "../../../../server/platform/storage/copy_database.ts";
import { prepareSchema, type Schema } from "../../../../server/platform/storage/schema.ts";
import { Backup, ServerIdentity, writeBackup } from "../../../../server/identity/mod.ts";
import { removeFolder } from "../../../helpers/disk.ts";

const FOLDER = Deno.makeTempDirSync();
addEventListener("unload", () => removeFolder(FOLDER));
/** As the tasks give them: anything may be read, and one folder written. */
const permissions = { read: true, write: [FOLDER], sys: ["uid" as const] };
const KEY = new Uint8Array(32).fill(7);
const TABLES = "CREATE TABLE thing (name TEXT)";

function schemaOf(version: number): Schema {
  return {
    what: "a list",
    application: 7,
    version,
    tables: TABLES,
    check: () => {},
    upgrades: { 1: (db) => db.exec("ALTER TABLE thing ADD COLUMN size INTEGER") },
  };
}

Deno.test({ name: "copy: it is whole, also while another program writes", permissions }, () => {
  using db = new DatabaseSync(`${FOLDER}/one.db`);
  db.exec(`PRAGMA journal_mode = WAL; ${TABLES}`);
  const insert = db.prepare("INSERT INTO thing VALUES (?)");
  for (let row = 0; row < 1_000; row++) insert.run(`${row} ${"x".repeat(100)}`);
  db.exec("BEGIN; INSERT INTO thing VALUES ('not yet')");
  using reader = new DatabaseSync(`${FOLDER}/one.db`);
  Deno.writeFileSync(`${FOLDER}/copy.db`, new Uint8Array(), { mode: 0o600 });
  copyDatabase(reader, `${FOLDER}/copy.db`);
  db.exec("COMMIT");
  using copy = new DatabaseSync(`${FOLDER}/copy.db`);
  assertEquals(copy.prepare("SELECT count(*) AS count FROM thing").get(), { count: 1_000 });
  assertEquals(copy.prepare("PRAGMA integrity_check").get(), { integrity_check: "ok" });
  assertEquals((Deno.statSync(`${FOLDER}/copy.db`).mode ?? 0) & 0o777, 0o600);
});

Deno.test({ name: "copy: what can't be written is an error", permissions }, () => {
  using db = new DatabaseSync(`${FOLDER}/two.db`);
  db.exec(TABLES);
  assertThrows(() => copyDatabase(db, "/elsewhere/copy.db"), Error);
  assertThrows(() => copyDatabase(db, `${FOLDER}/none/copy.db`), Error);
});

Deno.test({ name: "copy: an upgrade of a database makes one", permissions }, () => {
  const path = `${FOLDER}/old.db`;
  {
    using db = new DatabaseSync(path);
    prepareSchema(db, schemaOf(1));
    db.exec("INSERT INTO thing VALUES ('kept')");
  }
  using db = new DatabaseSync(path);
  prepareSchema(db, schemaOf(2));
  assertEquals(db.prepare("SELECT * FROM thing").all(), [{ name: "kept", size: null }]);
  using copy = new DatabaseSync(`${path}.version1`);
  assertEquals(copy.prepare("SELECT * FROM thing").all(), [{ name: "kept" }]);
});

Deno.test({ name: "copy: a backup is made and restored", permissions }, () => {
  const data = `${FOLDER}/data`;
  using identity = new ServerIdentity(data, 90);
  identity.certify("ada", KEY);
  writeBackup(data, `${FOLDER}/backup`);
  const to = `${FOLDER}/restored`;
  using backup = new Backup(`${FOLDER}/backup`);
  backup.restore(to);
  const key = Deno.readTextFileSync(`${to}/server.key`);
  assertEquals(key, Deno.readTextFileSync(`${data}/server.key`));
  const names = new TextDecoder("latin1").decode(Deno.readFileSync(`${to}/names.db`));
  assert(!names.includes(key.trim()), "the key is nowhere but in its own file");
  assert(names.includes("ada"));
});
