import type { DatabaseSync } from "node:sqlite";
import {
  inodeOf,
  isDamage,
  type OpenDatabase,
  openDatabase,
  quarantine,
  setBusyTimeout,
} from "./sqlite.ts";
import { prepareSchema, type Schema } from "./schema.ts";

/** The database that is open now; another follows where it turns out to be damaged. */
interface Current<Tables> extends OpenDatabase {
  readonly tables: Tables;
}

/** How a file is used. */
export interface Use<Tables> {
  readonly schema: Schema;
  /** What works on the open database. */
  readonly tables: (db: DatabaseSync) => Tables;
  /** How long the program stands still while another client writes, in milliseconds. */
  readonly patience: number;
  /** Told, in words for users, where a damaged file is now. */
  readonly note: (text: string) => void;
}

/** A database file that several clients use at once: each goes on where another set it aside. */
export class SharedFile<Tables> {
  readonly #path: string;
  readonly #use: Use<Tables>;
  #current: Current<Tables> | undefined;
  readonly #aside = (aside: string) => this.#use.note(this.#use.schema.setAside(aside));

  /**
   * Opens the file, or begins one. A damaged one is set aside first.
   *
   * @throws {Error} where it can't be opened
   */
  constructor(path: string, use: Use<Tables>) {
    this.#path = path;
    this.#use = use;
    this.#open();
  }

  /** The tables of the file that is open; undefined once it is closed, or can't be opened. */
  get tables(): Tables | undefined {
    return this.#current?.tables;
  }

  /**
   * Does something with the tables. Damage that it finds is found twice before the file is set aside,
   * then it is done with a new one.
   *
   * @throws {Error} of SQLite, or where no file is open any more
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
      // Found by a fresh connection too, it is real.
      if (attempt === 1) this.#reopen();
      else this.#replace();
    }
  }

  /** How long the program stands still while another client writes, from now on. */
  setPatience(milliseconds: number): void {
    if (this.#current !== undefined) setBusyTimeout(this.#current.db, milliseconds);
  }

  /** Closes the file. */
  close(): void {
    this.#current?.db.close();
    this.#current = undefined;
  }

  #open(): void {
    const { schema, tables, patience } = this.#use;
    try {
      const opened = openDatabase(this.#path, (db) => prepareSchema(db, schema), this.#aside);
      this.#current = { ...opened, tables: tables(opened.db) };
      setBusyTimeout(opened.db, patience);
    } catch (error) {
      throw new Error(`cannot open ${this.#path}: ${reason(error)}`, { cause: error });
    }
  }

  #reopen(): void {
    this.close();
    this.#open();
  }

  /** Goes on with a new file where this one turns out to be damaged. */
  #replace(): void {
    const inode = this.#current?.inode;
    this.close();
    try {
      quarantine(this.#path, inode, this.#aside);
    } catch (error) {
      throw new Error(`cannot set ${this.#path} aside: ${reason(error)}`, { cause: error });
    }
    this.#open();
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
