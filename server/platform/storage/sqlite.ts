import { accessSync, constants } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { type Inode, inodeOf, quarantinePath } from "./quarantine.ts";
import { lockFile } from "./file_lock.ts";

/** How long opening waits for another program that writes. */
const OPEN_BUSY_TIMEOUT_MS = 5_000;
/** SQLite's result codes for a file that is damaged, and for one that is no database. */
const DAMAGED = [11, 26];
const BUSY = 5;
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
 * Opens a database file; creates it for its owner alone, and moves a damaged one to quarantine.
 *
 * @param prepare creates missing tables; throws if the file can't be used
 * @param onQuarantine receives the new name of a damaged file
 * @throws {Error} if it can't be opened, or as `prepare`
 */
export function openSqlite(
  path: string,
  prepare: (db: DatabaseSync) => void,
  onQuarantine: (path: string) => void,
): OpenDatabase {
  using _ = lock(path);
  for (let attempt = 1;; attempt++) {
    createPrivate(path);
    const inode = inodeOf(path);
    const db = new DatabaseSync(path);
    try {
      checkWritable(db, path);
      setBusyTimeout(db, OPEN_BUSY_TIMEOUT_MS);
      prepare(db);
      return { db, inode };
    } catch (error) {
      db.close();
      if (attempt === MAX_ATTEMPTS || !isDamage(error)) throw error;
    }
    if (attempt % CONFIRMATIONS === 0) moveToQuarantine(path, inode, onQuarantine);
  }
}

/**
 * A damaged header may say that a later SQLite has written the file, which makes it read-only. The header
 * is not read here: closing one more handle of the file would drop all locks that SQLite has on it.
 *
 * @throws {ForeignFileError} if the file is read-only although the system lets this user write it
 */
function checkWritable(db: DatabaseSync, path: string): void {
  try {
    db.exec("BEGIN IMMEDIATE; ROLLBACK");
  } catch (error) {
    if (isBusy(error)) return; // another program is writing: no need to wait
    const isReadOnly = error instanceof Error && /readonly database/.test(error.message);
    if (!isReadOnly || !mayWrite(path)) throw error;
    throw new ForeignFileError("expected a database of today's SQLite, got one of another version");
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
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

/** Whether an error means that another program is writing. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY ||
    (error instanceof Error && /database is locked/.test(error.message));
}

/** Renames a damaged file, in the same folder, unless another program has done so. */
export function quarantine(path: string, inode: Inode, onQuarantine: (path: string) => void): void {
  using _ = lock(path);
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

/**
 * Locks the file against other programs that open, create or quarantine it. SQLite's own locks
 * don't cover turning an empty file into a database. The lock has a file of its own: closing one
 * more handle of the database would drop SQLite's locks.
 */
function lock(path: string): Disposable {
  return lockFile(path.replace(/(\.db)?$/, ".lock"));
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
