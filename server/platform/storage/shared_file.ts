import type { DatabaseSync } from "node:sqlite";
import { reasonOf } from "../util/errors.ts";
import { isDamage, type OpenDatabase, openSqlite, quarantine, setBusyTimeout } from "./sqlite.ts";
import { inodeOf } from "./quarantine.ts";
import { prepareSchema, type Schema } from "./schema.ts";

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
  /** Receives a text for users about a damaged file. */
  readonly note: (text: string) => void;
}

/** A database file that several programs use at once: all go on with a new one if one finds it damaged. */
export class SharedFile<Tables> {
  readonly #path: string;
  readonly #options: SharedFileOptions<Tables>;
  #current: Current<Tables> | undefined;
  readonly #onQuarantine = (path: string) =>
    this.#options.note(this.#options.schema.describeQuarantine(path));

  /**
   * Opens the file, or creates one. A damaged one goes to quarantine first.
   *
   * @throws {Error} if it can't be opened
   */
  constructor(path: string, options: SharedFileOptions<Tables>) {
    this.#path = path;
    this.#options = options;
    this.#open();
  }

  /** The tables of the open file; undefined once it is closed, or if it can't be opened again. */
  get tables(): Tables | undefined {
    return this.#current?.tables;
  }

  /**
   * Works with the tables. If a fresh connection finds damage, too, continues with a new file.
   *
   * @throws {Error} of SQLite, or if no file is open any more
   */
  do<Result>(work: (tables: Tables) => Result): Result {
    const current = this.#current;
    if (current !== undefined && current.inode !== inodeOf(this.#path)) this.#reopen();
    for (let attempt = 1;; attempt++) {
      if (this.#current === undefined) throw new Error(`${this.#path} is not open`);
      try {
        return work(this.#current.tables);
      } catch (error) {
        if (attempt > 2 || !isDamage(error)) throw error;
      }
      // Damage that a fresh connection finds as well is real.
      if (attempt === 1) this.#reopen();
      else this.#replace();
    }
  }

  /** Sets how long the program may block while another one writes. */
  setBusyTimeout(milliseconds: number): void {
    if (this.#current !== undefined) setBusyTimeout(this.#current.db, milliseconds);
  }

  close(): void {
    this.#current?.db.close();
    this.#current = undefined;
  }

  #open(): void {
    const { schema, tables, busyTimeoutMs } = this.#options;
    try {
      const opened = openSqlite(this.#path, (db) => prepareSchema(db, schema), this.#onQuarantine);
      this.#current = { ...opened, tables: tables(opened.db) };
      setBusyTimeout(opened.db, busyTimeoutMs);
    } catch (error) {
      throw new Error(`cannot open ${this.#path}: ${reasonOf(error)}`, { cause: error });
    }
  }

  #reopen(): void {
    this.close();
    this.#open();
  }

  /** Goes on with a new file. */
  #replace(): void {
    const inode = this.#current?.inode;
    this.close();
    try {
      quarantine(this.#path, inode, this.#onQuarantine);
    } catch (error) {
      throw new Error(`cannot move ${this.#path} to quarantine: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    this.#open();
  }
}
