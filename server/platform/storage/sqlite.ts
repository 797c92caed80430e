import { accessSync, constants } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { quarantinePath } from "./quarantine.ts";
import { lockFile } from "./file_lock.ts";

/** How long the start waits for another program that writes, in milliseconds. */
const OPEN_BUSY_TIMEOUT_MS = 5_000;
/** SQLite's result codes for a file that is damaged, and for one that is no database. */
const DAMAGED = [11, 26];
const BUSY = 5;
/** Damage has to be found twice in a row; who still finds some after this often has a broken disk. */
const CONFIRMATIONS = 2;
const MAX_ATTEMPTS = 4;

/** An open database, and which file it is: the path may come to name another. */
export interface OpenDatabase {
  readonly db: DatabaseSync;
  readonly inode: Inode;
}

/** The number of a file, where the system has such; undefined where there is no file. */
export type Inode = number | null | undefined;

/** The file is a database, but not of the kind that was expected. */
export class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
}

/**
 * Opens the file, makes it where there is none, for its owner alone, and sets a damaged one aside.
 *
 * @param prepare makes its tables where there are none; throws {@linkcode ForeignFileError} or an error
 *   of SQLite's where the file can't be used
 * @param note told where a damaged file is now
 * @throws {Error} where it can't be opened, or what `prepare` throws
 */
export function openDatabase(
  path: string,
  prepare: (db: DatabaseSync) => void,
  note: (aside: string) => void,
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
    if (attempt % CONFIRMATIONS === 0) moveToQuarantine(path, inode, note);
  }
}

/**
 * A spoilt header may say that a later SQLite has written the file, which is only read then. It is not
 * looked at here: closing one more handle of the database would drop all locks that SQLite has on it.
 *
 * @throws {ForeignFileError} where it is so, though the system lets this user write the file
 */
function checkWritable(db: DatabaseSync, path: string): void {
  try {
    db.exec("BEGIN IMMEDIATE; ROLLBACK");
  } catch (error) {
    if (isBusy(error)) return; // somebody writes, and is not waited for
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

/** Which file the path names now. */
export function inodeOf(path: string): Inode {
  try {
    return Deno.statSync(path).ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** How long statements wait for another program that writes; this one stands still meanwhile. */
export function setBusyTimeout(db: DatabaseSync, milliseconds: number): void {
  db.exec(`PRAGMA busy_timeout = ${milliseconds}`);
}

/** Whether an error means that the file is damaged, or is not what it should be. */
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

/**
 * Gives a damaged file another name, in the same folder. Nothing happens where another program has
 * done so: then the path names another file by now.
 *
 * @param inode which file is damaged
 * @param note told where it is now
 */
export function quarantine(path: string, inode: Inode, note: (aside: string) => void): void {
  using _ = lock(path);
  moveToQuarantine(path, inode, note);
}

function moveToQuarantine(path: string, inode: Inode, note: (aside: string) => void): void {
  const now = inodeOf(path);
  if (now === undefined || now !== inode) return;
  const aside = quarantinePath(path);
  // The log first: beside a new file it would be taken for that one's.
  for (const part of ["-wal", "-shm", ""]) {
    if (inodeOf(path + part) !== undefined) Deno.renameSync(path + part, aside + part);
  }
  note(aside);
}

/**
 * Waits until no other program opens the file, makes it or sets it aside, and keeps the others from it.
 * SQLite's own locks don't do: several connections that turn an empty file into a database get in each
 * other's way. The lock has a file of its own: closing one more handle of the database would drop all
 * locks that SQLite has on it.
 */
function lock(path: string): Disposable {
  return lockFile(path.replace(/(\.db)?$/, ".lock"));
}

/** SQLite itself would make the file readable for everybody; its log inherits the mode. */
function createPrivate(path: string): void {
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** Without what says more about it in the upper bits; NaN for other errors. */
function resultCode(error: unknown): number {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : NaN;
}
