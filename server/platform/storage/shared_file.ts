import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { reasonOf } from "../util/errors.ts";
import {
  isDamage,
  isDiskError,
  OPEN_TIMEOUT_MS,
  type OpenDatabase,
  openSqlite,
  openSqliteSync,
  quarantine,
  setBusyTimeout,
  whenFree,
} from "./sqlite.ts";
import { isDiskFull } from "./disk_space.ts";
import { keepPrivate } from "./private_file.ts";
import { inodeOf } from "./quarantine.ts";
import { type JournalMode, prepareSchema, type Schema } from "./schema.ts";

/** The database that is open now. */
interface Current<Tables> extends OpenDatabase {
  readonly tables: Tables;
}

/** A schema, and the text for users about a damaged file. */
export interface SharedSchema extends Schema {
  /** Describes the loss of a damaged file that now has this name. */
  readonly describeQuarantine: (path: string) => string;
}

export interface SharedFileOptions<Tables> {
  readonly schema: SharedSchema;
  readonly tables: (db: DatabaseSync) => Tables;
  /** How long the program may block while another one writes. */
  readonly busyTimeoutMs: number;
  /** How changes are written. Default: `wal`. */
  readonly journal?: JournalMode;
  /** Receives a text for users about a damaged file. */
  readonly note: (text: string) => void;
}

/** How long the program stands still, at most, to open a file again that another program works on. */
const REOPEN_TIMEOUT_MS = 250;
/** How long an operation that need not be done at once waits, at most, while another program writes. */
const MAX_WAIT_MS = 10_000;

/** A database file that several programs use at once: all go on with a new one if one finds it damaged. */
export class SharedFile<Tables> {
  readonly #path: string;
  readonly #options: SharedFileOptions<Tables>;
  /** Undefined while it can't be opened again, and once it is closed. */
  #current: Current<Tables> | undefined;
  #isClosed = false;

  /**
   * Opens the file, or creates one. A damaged one goes to quarantine first.
   *
   * @throws {Error} if it can't be opened
   */
  static async open<Tables>(
    path: string,
    options: SharedFileOptions<Tables>,
  ): Promise<SharedFile<Tables>> {
    const file = new SharedFile(path, options);
    try {
      file.#use(await openSqlite(path, file.#prepare, file.#onQuarantine));
    } catch (error) {
      throw openError(path, error);
    }
    return file;
  }

  /**
   * The same for callers that can't wait: the program stands still meanwhile, at most five seconds.
   *
   * @throws {Error} as {@linkcode SharedFile.open}
   */
  static openSync<Tables>(path: string, options: SharedFileOptions<Tables>): SharedFile<Tables> {
    const file = new SharedFile(path, options);
    file.#reopen(OPEN_TIMEOUT_MS);
    return file;
  }

  private constructor(path: string, options: SharedFileOptions<Tables>) {
    this.#path = path;
    this.#options = options;
  }

  /** Whether it was closed for good. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Works with the tables. If a fresh connection finds damage, too, continues with a new file.
   *
   * @throws {Error} of SQLite, or if the file is closed or can't be opened again
   */
  do<Result>(work: (tables: Tables) => Result): Result {
    if (this.#current?.inode !== inodeOf(this.#path)) this.#reopen();
    for (let attempt = 1;; attempt++) {
      const { tables } = this.#current ?? this.#reopen();
      try {
        return work(tables);
      } catch (error) {
        if (attempt > 2 || !isDamage(error)) throw error;
      }
      // Damage that a fresh connection finds as well is real.
      if (attempt === 1) this.#reopen();
      else this.#replace();
    }
  }

  /**
   * The same as soon as no other program is writing, within ten seconds.
   *
   * @throws {Error} as {@linkcode SharedFile.do}
   */
  doWhenFree<Result>(work: (tables: Tables) => Result): Promise<Result> {
    return whenFree(performance.now() + MAX_WAIT_MS, () => this.do(work));
  }

  /** Sets how long the program may block while another one writes. */
  setBusyTimeout(milliseconds: number): void {
    if (this.#current !== undefined) setBusyTimeout(this.#current.db, milliseconds);
  }

  close(): void {
    this.#isClosed = true;
    this.#release();
  }

  readonly #prepare = (db: DatabaseSync) =>
    prepareSchema(db, this.#options.schema, this.#options.journal);

  readonly #onQuarantine = (path: string) =>
    this.#options.note(this.#options.schema.describeQuarantine(path));

  #use(opened: OpenDatabase): Current<Tables> {
    try {
      for (const part of ["", "-wal", "-shm"]) keepPrivate(this.#path + part);
    } catch (error) {
      this.#options.note(reasonOf(error)); // a file system without permissions is still one
    }
    setBusyTimeout(opened.db, this.#options.busyTimeoutMs);
    return this.#current = { ...opened, tables: this.#options.tables(opened.db) };
  }

  #reopen(timeoutMs: number = REOPEN_TIMEOUT_MS): Current<Tables> {
    if (this.#isClosed) throw new Error(`${this.#path} is closed`);
    this.#release();
    try {
      return this.#use(
        openSqliteSync(this.#path, this.#prepare, this.#onQuarantine, timeoutMs),
      );
    } catch (error) {
      throw openError(this.#path, error);
    }
  }

  #release(): void {
    this.#current?.db.close();
    this.#current = undefined;
  }

  /** Goes on with a new file. */
  #replace(): void {
    const inode = this.#current?.inode;
    this.#release();
    try {
      quarantine(this.#path, inode, this.#onQuarantine);
    } catch (error) {
      throw new Error(`cannot move ${this.#path} to quarantine: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    this.#reopen();
  }
}

function openError(path: string, error: unknown): Error {
  const isFull = isDiskError(error) && isDiskFull(dirname(path));
  const reason = isFull ? "the disk is full" : reasonOf(error);
  return new Error(`cannot open ${path}: ${reason}`, { cause: error });
}
