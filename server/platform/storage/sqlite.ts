import { DatabaseSync } from "node:sqlite";
import { type Inode, inodeOf, quarantinePath } from "./quarantine.ts";
import { delay } from "@std/async/delay";
import { lockFile, lockFileSync } from "./file_lock.ts";
import { assertDatabaseFiles, lockOf } from "./database_files.ts";

/** How long opening waits for another program that writes, and the time between two attempts. */
export const OPEN_TIMEOUT_MS = 5_000;
const RETRY_INTERVAL_MS = 50;
/** SQLite's result codes for a file that is damaged, and for one that is no database. */
const DAMAGED = [11, 26];
const BUSY = 5;
/** Those for a disk that fails, or has no room; where memory is mapped, the latter looks like the former. */
const DISK = [10, 13];
/** The place in the header with the versions that may write the file, and the greatest known one: WAL. */
const WRITE_VERSION_OFFSET = 18;
const LAST_WRITE_VERSION = 2;
/** Damage has to be found twice in a row; after so many attempts the disk is broken. */
const CONFIRMATIONS = 2;
const MAX_ATTEMPTS = 4;

/** An open database, and its file: the path may come to name another. */
export interface OpenDatabase {
  readonly db: DatabaseSync;
  readonly inode: Inode;
}

/** The file is a database, but not of the kind that was expected. */
export class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
}

/**
 * Opens a database file; creates it for its owner alone, and moves a damaged one to quarantine. Waits for
 * other programs, at most five seconds, while this one goes on.
 *
 * @param prepare creates missing tables; throws if the file can't be used
 * @param onQuarantine receives the new name of a damaged file
 * @throws {Error} if it can't be opened, or as `prepare`
 */
export async function openSqlite(
  path: string,
  prepare: (db: DatabaseSync) => void,
  onQuarantine: (path: string) => void,
): Promise<OpenDatabase> {
  const until = performance.now() + OPEN_TIMEOUT_MS;
  using _ = await lockFile(lockOf(path));
  return await whenFree(until, () => openLocked(path, prepare, onQuarantine, 0));
}

/**
 * The same for callers that can't wait: the program stands still, so the time should be short.
 *
 * @throws {Error} as {@linkcode openSqlite}
 */
export function openSqliteSync(
  path: string,
  prepare: (db: DatabaseSync) => void,
  onQuarantine: (path: string) => void,
  timeoutMs: number = OPEN_TIMEOUT_MS,
): OpenDatabase {
  using _ = lockFileSync(lockOf(path), timeoutMs);
  return openLocked(path, prepare, onQuarantine, timeoutMs);
}

function openLocked(
  path: string,
  prepare: (db: DatabaseSync) => void,
  onQuarantine: (path: string) => void,
  timeoutMs: number,
): OpenDatabase {
  assertDatabaseFiles(path);
  for (let attempt = 1;; attempt++) {
    createPrivate(path);
    const inode = inodeOf(path);
    const db = new DatabaseSync(path);
    try {
      checkWritable(db);
      setBusyTimeout(db, timeoutMs);
      prepare(db);
      return { db, inode };
    } catch (thrown) {
      db.close();
      const error = causeOf(thrown, path);
      if (attempt === MAX_ATTEMPTS || !isDamage(error)) throw error;
    }
    if (attempt % CONFIRMATIONS === 0) moveToQuarantine(path, inode, onQuarantine);
  }
}

/**
 * Finds out whether the file may be written.
 *
 * @throws {Error} of SQLite if not
 */
function checkWritable(db: DatabaseSync): void {
  try {
    db.exec("BEGIN IMMEDIATE; ROLLBACK");
  } catch (error) {
    if (!isBusy(error)) throw error; // another program is writing: no need to wait
  }
}

/**
 * The cause of an error at opening: SQLite says "readonly" of a file that belongs to another user, or has
 * a neighbor that does, and of one whose header says that a later SQLite has written it. Only the last
 * may be damage. Call it when the database is closed: closing one more handle of the file would drop all
 * locks that SQLite has on it.
 */
function causeOf(error: unknown, path: string): unknown {
  if (!(error instanceof Error && /readonly database/.test(error.message))) return error;
  if (writeVersionOf(path) > LAST_WRITE_VERSION) {
    return new ForeignFileError(
      "expected a database of today's SQLite, got one of another version",
    );
  }
  const reason =
    "it can't be written; check the owner and mode of the file, of its folder, and of " +
    `${path}-wal and ${path}-shm`;
  return new Error(reason, { cause: error });
}

/** Which versions of SQLite may write the file, as its header says. */
function writeVersionOf(path: string): number {
  using file = Deno.openSync(path);
  const header = new Uint8Array(WRITE_VERSION_OFFSET + 1);
  file.readSync(header);
  return header[WRITE_VERSION_OFFSET] ?? 0;
}

/** Sets how long statements block while another program writes. */
export function setBusyTimeout(db: DatabaseSync, milliseconds: number): void {
  db.exec(`PRAGMA busy_timeout = ${milliseconds}`);
}

/** Whether an error means that the file is damaged or of another kind. */
export function isDamage(error: unknown): boolean {
  return error instanceof ForeignFileError || DAMAGED.includes(resultCode(error)) ||
    (error instanceof Error &&
      /malformed|not a database|unsupported file format/.test(error.message));
}

/** Whether an error means that the disk fails, or has no room. */
export function isDiskError(error: unknown): boolean {
  return DISK.includes(resultCode(error)) ||
    (error instanceof Error && /disk I\/O error|disk is full/.test(error.message));
}

/** Whether an error means that another program is writing. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY ||
    (error instanceof Error && /database is locked/.test(error.message));
}

/** Works as soon as no other program is writing, or fails when that time has come. */
export async function whenFree<Result>(until: number, work: () => Result): Promise<Result> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error;
    }
    await delay(RETRY_INTERVAL_MS);
  }
}

/** Renames a damaged file, in the same folder, unless another program has done so. */
export function quarantine(path: string, inode: Inode, onQuarantine: (path: string) => void): void {
  using _ = lockFileSync(lockOf(path));
  moveToQuarantine(path, inode, onQuarantine);
}

function moveToQuarantine(path: string, inode: Inode, onQuarantine: (path: string) => void): void {
  const now = inodeOf(path);
  if (now === undefined || now !== inode) return;
  const quarantined = quarantinePath(path);
  // The log first: it would be taken for that of a new file.
  for (const part of ["-wal", "-shm", ""]) {
    if (inodeOf(path + part) !== undefined) Deno.renameSync(path + part, quarantined + part);
  }
  onQuarantine(quarantined);
}

/** SQLite itself would make the file readable for everyone; its log inherits the mode. */
function createPrivate(path: string): void {
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** SQLite's primary result code; NaN for other errors. */
function resultCode(error: unknown): number {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : NaN;
}
