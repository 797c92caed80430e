import type { DatabaseSync, StatementSync } from "node:sqlite";
import { storable } from "../../../server/platform/storage/storable.ts";
import { transaction } from "../../../server/platform/storage/transaction.ts";
import { fullTextOf, fullTextQuery } from "./full_text.ts";

/** Their indexes are stored: new ones come last. */
const TYPES = ["received", "sent", "failed"] as const;

/** How many pages of the index are merged with each transaction, besides one a message. */
const MERGED_PAGES = 16;

export interface NewMessage {
  /** The peer of the chat. Names are not proven, so the address is kept, too. */
  readonly peer: { readonly name: string; readonly address: string };
  /** The server of both, if it is known. */
  readonly server?: string;
  /** From the peer or to it; `failed` was never sent. */
  readonly type: typeof TYPES[number];
  /** Without NUL and lone surrogates; not safe to print. */
  readonly text: string;
  /** In milliseconds since 1970. */
  readonly at: number;
  /** Identifies a MIM/2 message: another one with the same mark is not added. */
  readonly mark?: string;
}

/** The outcome of a MIM/2 message. */
export interface DeliveryStatus {
  readonly mark: string;
  readonly fate: "delivered" | "failed";
  /** In milliseconds since 1970. */
  readonly at: number;
}

export interface StoredMessage extends NewMessage {
  /** Its number, which grows with each message, over all peers. */
  readonly id: number;
  /** When the peer acknowledged it, in milliseconds since 1970. */
  readonly delivered?: number;
}

/** The messages and their index in an open database. Each method is one transaction. */
export class MessageTable {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #insertWords: StatementSync;
  readonly #delivered: StatementSync;
  readonly #failed: StatementSync;
  readonly #merge: StatementSync;
  readonly #before: StatementSync;
  readonly #search: StatementSync;
  readonly #sentTo: StatementSync;
  readonly #size: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    db.function("searchable", { deterministic: true }, (text) => fullTextOf(String(text)));
    this.#insert = db.prepare(
      "INSERT INTO message (peer, address, server, kind, at, text, mark) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mark) WHERE mark IS NOT NULL DO NOTHING",
    );
    this.#delivered = db.prepare("UPDATE message SET delivered = ? WHERE mark = ?");
    this.#failed = db.prepare("UPDATE message SET kind = 2 WHERE mark = ?");
    this.#insertWords = db.prepare("INSERT INTO words (rowid, text) VALUES (?, ?)");
    this.#merge = db.prepare("INSERT INTO words (words, rank) VALUES ('merge', ?)");
    this.#before = db.prepare(
      "SELECT * FROM message WHERE peer = ? AND id < ? ORDER BY id DESC LIMIT ?",
    );
    // This reads a range of one index, however many messages a name has: callers choose their names.
    this.#sentTo = db.prepare(
      "SELECT 1 FROM message WHERE kind = 1 AND peer = ? AND address >= ? AND address < ? LIMIT 1",
    );
    this.#size = db.prepare(
      "SELECT (page_count - freelist_count) * page_size AS bytes " +
        "FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
    );
    // The newest come first: ranking a common word would take seconds.
    this.#search = db.prepare(
      "SELECT * FROM message WHERE id IN " +
        "(SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT ?) " +
        "ORDER BY id DESC",
    );
  }

  /** Adds messages and statuses in one transaction; returns how many messages are new. */
  add(messages: readonly (NewMessage | DeliveryStatus)[]): number {
    return transaction(this.#db, "IMMEDIATE", () => {
      let added = 0;
      for (const message of messages) {
        if ("fate" in message) this.#addStatus(message);
        else if (this.#addMessage(message)) added++;
      }
      // A little each time: merging everything now and then would delay typing.
      this.#merge.run(MERGED_PAGES + added);
      return added;
    });
  }

  /** The last messages with a peer before the one with this id, oldest first. */
  before(name: string, id: number, count: number): StoredMessage[] {
    return this.#before.all(storable(name), id, count).map(messageOf).reverse();
  }

  /** The newest messages with all these words, newest first. */
  search(words: string, most: number): StoredMessage[] {
    const expression = fullTextQuery(words);
    return expression === undefined ? [] : this.#search.all(expression, most).map(messageOf);
  }

  /** Whether a message was sent to that name at that host, with any port. */
  sentTo(name: string, host: string): boolean {
    return this.#sentTo.get(storable(name), `${host}:`, `${host};`) !== undefined; // ; follows :
  }

  /** How many messages with a peer there are, and the last id; 0 if there is none. */
  extentOf(name: string): { count: number; readonly lastId: number } {
    const { count, id } =
      this.#db.prepare("SELECT count(*) AS count, max(id) AS id FROM message WHERE peer = ?")
        .get(storable(name)) ?? {};
    return { count: Number(count), lastId: Number(id ?? 0) };
  }

  /** Deletes some messages with a peer, up to this id, and returns how many. */
  deleteOf(name: string, lastId: number, most: number): number {
    const parameters = [storable(name), lastId, most];
    return this.#delete("peer = ? AND id <= ? ORDER BY id", parameters);
  }

  /** Deletes some messages from before that time, and returns how many. */
  deleteBefore(at: number, most: number): number {
    return this.#delete("at < ? ORDER BY at", [at, most]);
  }

  /** Deletes the oldest messages, and returns how many. */
  deleteOldest(most: number): number {
    return this.#delete("true ORDER BY id", [most]);
  }

  /** How much of the file is in use. */
  bytes(): number {
    const { bytes } = this.#size.get() ?? {};
    return Number(bytes);
  }

  /** Empties the log, in which deleted text would stay; false if another client is in the way. */
  emptyLog(): boolean {
    return this.#db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
  }

  /** False if it is there already. */
  #addMessage({ peer, server, type, at, text, mark }: NewMessage): boolean {
    const stored = storable(text);
    const { changes, lastInsertRowid } = this.#insert.run(
      storable(peer.name),
      peer.address,
      server ?? null,
      TYPES.indexOf(type),
      at,
      stored,
      mark ?? null,
    );
    if (changes === 0) return false;
    this.#insertWords.run(lastInsertRowid, fullTextOf(stored));
    return true;
  }

  #addStatus({ mark, fate, at }: DeliveryStatus): void {
    if (fate === "delivered") this.#delivered.run(at, mark);
    else this.#failed.run(mark);
  }

  #delete(which: string, parameters: (string | number)[]): number {
    const ids = `(SELECT id FROM message WHERE ${which} LIMIT ?)`;
    return transaction(this.#db, "IMMEDIATE", () => {
      this.#db.prepare(
        "INSERT INTO words (words, rowid, text) " +
          `SELECT 'delete', id, searchable(text) FROM message WHERE id IN ${ids}`,
      ).run(...parameters);
      return Number(
        this.#db.prepare(`DELETE FROM message WHERE id IN ${ids}`).run(...parameters).changes,
      );
    });
  }
}

function messageOf(row: Record<string, unknown>): StoredMessage {
  const { id, peer, address, server, kind, at, text, mark, delivered } = row;
  return {
    id: Number(id),
    peer: { name: String(peer), address: String(address) },
    ...typeof server === "string" && { server },
    type: TYPES[Number(kind)] ?? "received",
    text: String(text),
    at: Number(at),
    ...typeof mark === "string" && { mark },
    ...typeof delivered === "number" && { delivered },
  };
}
