import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { prepareSchema, type Schema } from "../../../../server/platform/storage/schema.ts";
import { openSqlite, openSqliteSync } from "../../../../server/platform/storage/sqlite.ts";
import { lockFile, lockFileSync } from "../../../../server/platform/storage/file_lock.ts";
import { DatabaseSync } from "node:sqlite";
import { TempFolder } from "../../../helpers/disk.ts";
import { Clock } from "../../../helpers/time.ts";

const SCHEMA: Schema = {
  what: "a list",
  application: 7,
  version: 1,
  tables: "CREATE TABLE thing (name TEXT);",
  check: (db) => void db.prepare("SELECT count(*) FROM thing").get(),
};

/** A database with one row, what was moved to quarantine, and both ways to open it. */
class Place implements Disposable {
  readonly #folder = new TempFolder();
  readonly path = `${this.#folder.path}/list.db`;
  readonly quarantined: string[] = [];

  readonly open = () =>
    openSqlite(this.path, (db) => prepareSchema(db, SCHEMA), (path) => this.quarantined.push(path));
  readonly openSync = () =>
    openSqliteSync(
      this.path,
      (db) => prepareSchema(db, SCHEMA),
      (path) => this.quarantined.push(path),
      0,
    );

  constructor() {
    const { db } = this.openSync();
    db.exec("INSERT INTO thing VALUES ('kept')");
    db.close();
  }

  /** The rows, and how many files were taken for damaged. */
  found(): unknown[] {
    const { db } = this.openSync();
    const rows = db.prepare("SELECT name FROM thing").all().map(({ name }) => name);
    db.close();
    return [rows, this.quarantined.length];
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

for (const part of ["-wal", "-shm", "-journal"]) {
  Deno.test(`database: a folder called ${part} does not make it damaged, and the reason names it`, async () => {
    using place = new Place();
    Deno.mkdirSync(place.path + part);
    const reason = `${place.path}${part} must be a file, but it is a folder`;
    await assertRejects(place.open, Error, reason);
    assertThrows(place.openSync, Error, reason);
    Deno.removeSync(place.path + part);
    assertEquals(place.found(), [["kept"], 0]);
  });
}

Deno.test(
  "database: a pipe in its place, or in that of a neighbor or the lock, is not waited for",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    for (const part of [".db-wal", ".db-shm", ".lock", ".db"]) {
      using place = new Place();
      const pipe = place.path.replace(/\.db$/, part);
      await Deno.remove(pipe).catch(() => {});
      await new Deno.Command("mkfifo", { args: [pipe] }).output();
      const reason = `${pipe} must be a file, but it is a pipe`;
      await assertRejects(place.open, Error, reason);
      assertThrows(place.openSync, Error, reason);
      assertEquals(place.quarantined, []);
    }
  },
);

Deno.test("database: one of another version of SQLite is moved to quarantine still", async () => {
  using place = new Place();
  const bytes = Deno.readFileSync(place.path);
  bytes[18] = 9; // the version that may write it
  Deno.writeFileSync(place.path, bytes);
  (await place.open()).db.close();
  assertEquals(place.quarantined.length, 1);
});

Deno.test("database: another program's lock is waited for five seconds, and the program goes on", async () => {
  using place = new Place();
  const lock = place.path.replace(/\.db$/, ".lock");
  using held = lockFileSync(lock);
  using clock = new Clock();
  const opening = assertRejects(place.open, Error, `${lock} has been locked by another program`);
  clock.advance(4_999);
  await new Promise((resolve) => setTimeout(resolve)); // a timer: the program goes on
  clock.advance(1);
  await opening;
  assertThrows(place.openSync, Error, `${lock} has been locked by another program`);
  const waiting = lockFile(lock);
  held[Symbol.dispose]();
  (await waiting)[Symbol.dispose]();
});

Deno.test("database: another program that writes for long is waited for five seconds", async () => {
  using place = new Place();
  using other = new DatabaseSync(place.path);
  other.exec("BEGIN IMMEDIATE");
  using clock = new Clock();
  (await place.open()).db.close(); // a reader needs no writer's leave
  other.exec("ROLLBACK; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  const opening = assertRejects(place.open, Error, "database is locked");
  clock.advance(5_000);
  await opening;
  other.exec("ROLLBACK");
  assertEquals(place.found(), [["kept"], 0]);
});
