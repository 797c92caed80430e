import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { copyDatabase } from "../platform/storage/copy_database.ts";
import { lockFileSync } from "../platform/storage/file_lock.ts";
import { parseKey } from "../platform/storage/key_file.ts";
import { giveToOwnerOf } from "../platform/storage/private_file.ts";
import { assertRegularFile, statOf } from "../platform/storage/regular_file.ts";
import { numberOf } from "../platform/storage/schema.ts";
import { CLAIM_SCHEMA } from "./claim_schema.ts";

const APPLICATION = 0x4d494d42; // MIMB
const KEY = "server.key";
const NAMES = "names.db";
/** The files that a backup holds beside the names; the key comes first. */
const FILES = [
  KEY,
  "server.key.was",
  "access.json",
  "bans.json",
  "limits.json",
  "server.json",
  "welcome.txt",
] as const;
const MAX_FILE_BYTES = 4 * 1024 * 1024;
const BUSY_TIMEOUT_MS = 5_000;
/** So much is written to see whether a disk is full. */
const PROBE_BYTES = 64 * 1024;

const TABLES = `
CREATE TABLE backup_file (name TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE backup_hash (hash BLOB NOT NULL) STRICT;
`;

/**
 * Copies the data folder of a server, which may be running, into one new file for its owner alone: the names as they
 * are at one moment, the key with its rotations, and the settings.
 *
 * @throws {Error} if the folder has no key, or something can't be read or written; then no file is left
 */
export function writeBackup(folder: string, path: string): void {
  assertRegularFile(`${folder}/${NAMES}`);
  const files = readFiles(folder);
  Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }).close();
  try {
    copyNames(`${folder}/${NAMES}`, path);
    using db = new DatabaseSync(path);
    db.exec(`PRAGMA journal_mode = MEMORY; PRAGMA application_id = ${APPLICATION}; ${TABLES}`);
    const insert = db.prepare("INSERT INTO backup_file (name, content) VALUES (?, ?)");
    for (const [name, content] of files) insert.run(name, content);
    db.prepare("INSERT INTO backup_hash (hash) VALUES (?)").run(hashOf(db));
  } catch (error) {
    const isFull = isDiskFull(path);
    for (const end of ["", "-wal", "-shm", "-journal"]) removeIfThere(path + end);
    throw isFull ? new Error("the disk is full", { cause: error }) : error;
  }
}

/** Whether a file takes no more bytes; SQLite says only that something can't be written. */
function isDiskFull(path: string): boolean {
  try {
    Deno.writeFileSync(path, new Uint8Array(PROBE_BYTES), { append: true, create: false });
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOSPC";
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A checked backup. */
export class Backup implements Disposable {
  readonly #db: DatabaseSync;
  readonly #files: ReadonlyMap<string, Uint8Array>;

  /**
   * Opens a backup and reads all of it.
   *
   * @throws {Error} if it is none, is damaged, or a newer MIM has made it
   */
  constructor(path: string) {
    if (statOf(path) === undefined) throw new Error("there is no such file");
    assertRegularFile(path);
    this.#db = new DatabaseSync(path, { readOnly: true });
    try {
      this.#files = readChecked(this.#db);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** How many names it holds. */
  get nameCount(): number {
    return numberOf(this.#db, "SELECT count(*) FROM claim");
  }

  /**
   * Puts its contents into a folder, which is created if it is missing. No server may run there. Files that are there
   * already are moved into a folder below it.
   *
   * @returns that folder; undefined if there was none of these files
   * @throws {Error} if something can't be written
   */
  restore(folder: string): string | undefined {
    Deno.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const ready = Deno.makeTempDirSync({ dir: folder, prefix: "restore-" });
    try {
      for (const [name, content] of this.#files) writePrivate(`${ready}/${name}`, content);
      Deno.openSync(`${ready}/${NAMES}`, { createNew: true, write: true, mode: 0o600 }).close();
      copyDatabase(this.#db, `${ready}/${NAMES}`);
      {
        using db = new DatabaseSync(`${ready}/${NAMES}`);
        // Nothing of the key may stay in what the tables leave.
        db.exec("PRAGMA journal_mode = MEMORY; PRAGMA secure_delete = ON");
        db.exec("DROP TABLE backup_file; DROP TABLE backup_hash");
        db.exec(`PRAGMA application_id = ${CLAIM_SCHEMA.application}`);
      }
      const before = setAside(folder);
      for (const name of [...FILES, NAMES]) {
        if (statOf(`${ready}/${name}`) === undefined) continue;
        giveToOwnerOf(`${ready}/${name}`, folder);
        Deno.renameSync(`${ready}/${name}`, `${folder}/${name}`);
      }
      return before;
    } finally {
      Deno.removeSync(ready, { recursive: true });
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

/** The files of a server in a folder, which a backup would replace. */
export function serverFilesIn(folder: string): string[] {
  const names = [...FILES, NAMES, `${NAMES}-wal`, `${NAMES}-shm`, `${NAMES}-journal`];
  return names.filter((name) => statOf(`${folder}/${name}`) !== undefined);
}

/** Whether a program has the names of a folder open. */
export function areNamesOpen(folder: string): boolean {
  const path = `${folder}/${NAMES}`;
  if (statOf(path) === undefined) return false;
  using db = new DatabaseSync(path);
  try {
    // Nobody else may have a database open whose log is to go.
    db.prepare("PRAGMA journal_mode = DELETE").get();
    return false;
  } catch (error) {
    return /locked|busy/.test(String(error)); // else it is damaged, and nobody's
  }
}

/** @returns the folder they are in now */
function setAside(folder: string): string | undefined {
  const names = serverFilesIn(folder);
  if (names.length === 0) return undefined;
  const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  const aside = Deno.makeTempDirSync({ dir: folder, prefix: `replaced-${time}-` });
  giveToOwnerOf(aside, folder);
  for (const name of names) Deno.renameSync(`${folder}/${name}`, `${aside}/${name}`);
  return aside;
}

/** While the key can't change. */
function readFiles(folder: string): [string, Uint8Array][] {
  using _ = lockFileSync(`${folder}/${KEY}.lock`);
  return FILES.flatMap((name): [string, Uint8Array][] => {
    const path = `${folder}/${name}`;
    assertRegularFile(path);
    const size = statOf(path)?.size;
    if (size === undefined) {
      if (name === KEY) throw new Error(`there is no ${path}; is this a server's data folder?`);
      return [];
    }
    if (size > MAX_FILE_BYTES) throw new Error(`${path} has over ${MAX_FILE_BYTES} bytes`);
    const content = Deno.readFileSync(path);
    if (name === KEY) assertKey(content);
    return [[name, content]];
  });
}

function copyNames(from: string, to: string): void {
  if (statOf(from) === undefined) {
    using db = new DatabaseSync(to);
    db.exec(`${CLAIM_SCHEMA.tables}; PRAGMA user_version = ${CLAIM_SCHEMA.version}`);
    return;
  }
  using db = new DatabaseSync(from);
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  copyDatabase(db, to);
}

function readChecked(db: DatabaseSync): Map<string, Uint8Array> {
  if (numberOf(db, "PRAGMA application_id") !== APPLICATION) {
    throw new Error("it is no backup of a MIM server");
  }
  const version = numberOf(db, "PRAGMA user_version");
  if (version > CLAIM_SCHEMA.version) {
    throw new Error(`a newer MIM has made it (version ${version}); restore it with that one`);
  }
  const { hash } = db.prepare("SELECT hash FROM backup_hash").get() ?? {};
  if (!(hash instanceof Uint8Array) || hash.toHex() !== hashOf(db).toHex()) {
    throw new Error("it is damaged: its contents do not have the hash that it names");
  }
  const files = new Map<string, Uint8Array>();
  for (const { name, content } of db.prepare("SELECT name, content FROM backup_file").all()) {
    const known = FILES.find((file) => file === name);
    if (known !== undefined && content instanceof Uint8Array) files.set(known, content);
  }
  assertKey(files.get(KEY) ?? new Uint8Array(0));
  return files;
}

/** SHA-256 of all that a backup holds, and of its tables. */
function hashOf(db: DatabaseSync): Uint8Array {
  const hash = createHash("sha256");
  const schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";
  const queries = ["SELECT * FROM claim ORDER BY 1", "SELECT * FROM backup_file ORDER BY 1"];
  hash.update(`${numberOf(db, "PRAGMA user_version")}\n`);
  for (const query of [schema, ...queries]) {
    for (const row of db.prepare(query).iterate()) {
      const values = Object.values(row).map((value) =>
        value instanceof Uint8Array ? value.toHex() : value
      );
      hash.update(`${JSON.stringify(values)}\n`);
    }
  }
  return new Uint8Array(hash.digest());
}

function assertKey(content: Uint8Array): void {
  parseKey(new TextDecoder().decode(content), KEY);
}

function writePrivate(path: string, content: Uint8Array): void {
  using file = Deno.openSync(path, { createNew: true, write: true, mode: 0o600 });
  for (let at = 0; at < content.length;) at += file.writeSync(content.subarray(at));
  file.syncSync();
}
