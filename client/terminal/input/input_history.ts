/** The entered lines, saved across runs. */

import { isPathAllowed } from "../../../server/platform/cli/env.ts";
import { waitForLockSync } from "../../../server/platform/storage/file_lock.ts";
import { keepPrivate } from "../../../server/platform/storage/private_file.ts";
import { assertRegularFile } from "../../../server/platform/storage/regular_file.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";

const MAX_ENTRIES = 1_000;
/** Longer lines are not saved, in UTF-16 units. */
const MAX_ENTRY_LENGTH = 4_096;
/** How long the program may stand still because another one has locked the file. */
const READ_TIMEOUT_MS = 250;
const FORGET_TIMEOUT_MS = 1_000;

/** Another program has locked the file: lines are saved later. */
class LockedError extends Error {}

/** A line that was entered, and the user it was sent to, if any. */
interface Entry {
  readonly text: string;
  readonly to?: string | undefined;
}

/**
 * The entered lines, newest last. In the file each is JSON on a line of its own: a string, or an object
 * if it was sent to a user. Clients append to it under a lock, and shorten a long file when they start.
 */
export class InputHistory {
  readonly #path: string | undefined;
  #entries: Entry[] = [];
  /** Entries that are not in the file yet. */
  #unsaved: Entry[] = [];

  readonly #onFault: (reason: string) => void;
  #hasFailed = false;

  /**
   * @param path the file; undefined: nothing is saved
   * @param onFault called once, with the reason, if the file can't be read or written
   */
  constructor(path?: string, onFault: (reason: string) => void = () => {}) {
    this.#onFault = onFault;
    this.#path = path !== undefined && isPathAllowed(path) ? path : undefined;
    this.#tryLocked(READ_TIMEOUT_MS, (file, path) => {
      tryToKeepPrivate(path);
      removeLeftOver(path);
      const kept = parse(read(file));
      this.#entries = kept.entries.slice(-MAX_ENTRIES);
      if (kept.lines > 2 * MAX_ENTRIES) replace(path, this.#entries);
    });
  }

  get entries(): readonly string[] {
    return this.#entries.map(({ text }) => text);
  }

  /**
   * Adds an entry unless it equals the last; `to` is the name of the user it was sent to, if any.
   */
  add(text: string, to?: string): void {
    if (text.trim() === "" || text.length > MAX_ENTRY_LENGTH) return;
    const last = this.#entries.at(-1);
    if (last?.text === text && last.to === to) return;
    const entry = { text, to };
    this.#entries.push(entry);
    if (this.#entries.length > MAX_ENTRIES) this.#entries.shift();
    this.#unsaved.push(entry);
    if (this.#unsaved.length > MAX_ENTRIES) this.#unsaved.shift();
    this.#tryLocked(0, (file) => {
      write(file, this.#unsaved);
      this.#unsaved = [];
    });
  }

  /**
   * Deletes the lines sent to a user, ignoring case, and returns how many. Other running clients
   * keep in memory what they have read.
   *
   * @throws {Error} if they can't be deleted from the file
   */
  forget(name: string): number {
    const folded = name.toLowerCase();
    const stays = ({ to }: Entry) => to?.toLowerCase() !== folded;
    const left = this.#entries.filter(stays);
    let count = this.#entries.length - left.length;
    this.#entries = left;
    this.#unsaved = this.#unsaved.filter(stays);
    this.#locked(FORGET_TIMEOUT_MS, (file, path) => {
      removeLeftOver(path);
      const kept = parse(read(file)).entries;
      const rest = kept.filter(stays);
      if (rest.length < kept.length) replace(path, rest);
      count = Math.max(count, kept.length - rest.length);
    });
    return count;
  }

  /** The same as {@linkcode #locked}; a failure is no more than reported: the lines are still in memory. */
  #tryLocked(timeoutMs: number, action: (file: Deno.FsFile, path: string) => void): void {
    try {
      this.#locked(timeoutMs, action);
    } catch (error) {
      const isPassing = error instanceof Error &&
        // At the first start there is no folder yet.
        (error.cause instanceof LockedError || error.cause instanceof Deno.errors.NotFound);
      if (isPassing || this.#hasFailed) return;
      this.#hasFailed = true;
      this.#onFault(reasonOf(error));
    }
  }

  /** Calls an action while no other client changes the file. */
  #locked(timeoutMs: number, action: (file: Deno.FsFile, path: string) => void): void {
    const path = this.#path;
    if (path === undefined) return;
    try {
      assertRegularFile(path);
      for (;;) {
        using file = Deno.openSync(path, { read: true, append: true, create: true, mode: 0o600 });
        waitForLock(file, path, timeoutMs);
        if (file.statSync().ino !== Deno.statSync(path).ino) continue; // just replaced
        return action(file, path);
      }
    } catch (error) {
      const reason = reasonOf(error);
      const message = reason.startsWith(path) ? reason : `Cannot change ${path}: ${reason}`;
      throw new Error(message, { cause: error });
    }
  }
}

/** @throws {LockedError} */
function waitForLock(file: Deno.FsFile, path: string, timeoutMs: number): void {
  try {
    waitForLockSync(file, path, timeoutMs);
  } catch (cause) {
    throw new LockedError(reasonOf(cause), { cause });
  }
}

/** Removes what a program has left that was killed while it replaced the file. */
function removeLeftOver(path: string): void {
  try {
    Deno.removeSync(`${path}.new`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function tryToKeepPrivate(path: string): void {
  try {
    keepPrivate(path);
  } catch {
    // The data folder is said to be open to others.
  }
}

/** Steps through the history from a half-typed line and back; changes on the way stay. */
export class HistoryWalk {
  /** The entries, and the half-typed line as the newest. */
  readonly #lines: string[];
  #at: number;

  constructor(entries: readonly string[], draft: string) {
    this.#lines = [...entries, draft];
    this.#at = entries.length;
  }

  /** The half-typed line, if another is on the screen. */
  get draft(): string | undefined {
    return this.#at < this.#lines.length - 1 ? this.#lines.at(-1) : undefined;
  }

  /** Saves the line as it is on the screen before the next step. */
  keep(line: string): void {
    this.#lines[this.#at] = line;
  }

  older(): string | undefined {
    return this.#at === 0 ? undefined : this.#lines[--this.#at];
  }

  newer(): string | undefined {
    return this.#at === this.#lines.length - 1 ? undefined : this.#lines[++this.#at];
  }

  /** The entry with this index. */
  goTo(index: number): string | undefined {
    this.#at = index;
    return this.#lines[index];
  }
}

function read(file: Deno.FsFile): string {
  const bytes = new Uint8Array(file.statSync().size);
  file.seekSync(0, Deno.SeekMode.Start);
  let have = 0;
  while (have < bytes.length) {
    const length = file.readSync(bytes.subarray(have));
    if (length === null) break;
    have += length;
  }
  return new TextDecoder().decode(bytes.subarray(0, have));
}

/** The entries of a file; other lines are left out. */
function parse(text: string): { entries: Entry[]; lines: number } {
  const lines = text.split("\n").filter((line) => line !== "");
  const entries = lines.flatMap((line) => {
    try {
      return entryOf(JSON.parse(line)) ?? [];
    } catch {
      return [];
    }
  });
  return { entries, lines: lines.length };
}

function entryOf(value: unknown): Entry | undefined {
  if (typeof value === "string") return { text: value };
  if (typeof value !== "object" || value === null) return undefined;
  if (!("text" in value && "to" in value)) return undefined;
  const { text, to } = value;
  return typeof text === "string" && typeof to === "string" ? { text, to } : undefined;
}

function written({ text, to }: Entry): string {
  return JSON.stringify(to === undefined ? text : { to, text }) + "\n";
}

function write(file: Deno.FsFile, entries: readonly Entry[]): void {
  const bytes = new TextEncoder().encode(entries.map(written).join(""));
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}

/** Replaces the file in one step, so that a crash leaves it whole; one that a link leads to is written. */
function replace(path: string, entries: readonly Entry[]): void {
  const text = entries.map(written).join("");
  if (Deno.lstatSync(path).isSymlink) return Deno.writeTextFileSync(path, text);
  const next = `${path}.new`;
  Deno.writeTextFileSync(next, text, { mode: 0o600 });
  Deno.renameSync(next, path);
}
