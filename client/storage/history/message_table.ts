import type { DatabaseSync } from "node:sqlite";
import { limits } from "../../../protocol/mod.ts";
import { storable } from "../../../server/platform/storage/storable.ts";
import { Statements } from "../../../server/platform/storage/statements.ts";
import { transaction } from "../../../server/platform/storage/transaction.ts";
import { fullTextOf, fullTextQuery } from "./full_text.ts";

/** Their indexes are stored: new ones come last. */
const TYPES = ["received", "sent", "failed"] as const;

/** How many pages of the index are merged with each transaction, besides one a message. */
const MERGED_PAGES = 16;

export interface NewMessage {
  /** The peer of the chat. Names are not proven, so the address is stored, too. */
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

/** Which messages are searched. */
export interface SearchScope {
  /** Only those with this peer. */
  readonly name?: string | undefined;
  /** Only those before the one with this id; 0 for all. */
  readonly before?: number;
}

/** What is remembered of the thread with a peer, besides its messages; what is absent stays. */
export interface ThreadStatus {
  /** The peer's name. */
  readonly thread: string;
  /** How many of the newest received messages the user has not read. */
  readonly unread?: number;
  /** A text that the user has begun to write; empty for none. */
  readonly draft?: string;
  /** Whether its messages make no sound and no notification. */
  readonly muted?: boolean;
  /** What the user calls the peer; empty for none. */
  readonly alias?: string;
  /** What the user notes about the peer; empty for none. */
  readonly note?: string;
}

/** The thread with a peer: its last message, and what is remembered of it. */
export interface StoredThread extends Required<ThreadStatus> {
  /** Undefined if there is only a draft. */
  readonly last?: StoredMessage;
}

export interface StoredMessage extends NewMessage {
  /** Its number, which grows with each message, over all peers. */
  readonly id: number;
  /** When the peer acknowledged it, in milliseconds since 1970. */
  readonly delivered?: number;
}

/** Each step finds the next peer in the index: reading all messages would take too long. */
const THREADS = `
WITH RECURSIVE peers (name) AS (
  SELECT min(peer) FROM message
  UNION ALL
  SELECT (SELECT min(peer) FROM message WHERE peer > name) FROM peers WHERE name IS NOT NULL
), named (name) AS (
  SELECT name FROM peers WHERE name IS NOT NULL
  UNION SELECT peer FROM thread WHERE draft <> '' OR alias <> '' OR note <> ''
)
SELECT name AS thread, read, draft, muted, alias, note,
  (SELECT id FROM message WHERE message.peer = name ORDER BY id DESC LIMIT 1) AS last
FROM named LEFT JOIN thread ON thread.peer = name ORDER BY last DESC LIMIT ?`;

/** The messages and their index in an open database. Each method is one transaction. */
export class MessageTable {
  readonly #db: DatabaseSync;
  readonly #prepare: Statements["prepare"];

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#prepare = new Statements(db).prepare;
    db.function("searchable", { deterministic: true }, (text) => fullTextOf(String(text)));
  }

  /** Adds messages and statuses in one transaction; returns how many messages are new. */
  add(messages: readonly (NewMessage | DeliveryStatus | ThreadStatus)[]): number {
    return transaction(this.#db, "IMMEDIATE", () => {
      let added = 0;
      for (const message of messages) {
        if ("fate" in message) this.#addStatus(message);
        else if ("thread" in message) this.#setThread(message);
        else if (this.#addMessage(message)) added++;
      }
      // A little each time: merging everything now and then would delay typing.
      const merge = this.#prepare("INSERT INTO words (words, rank) VALUES ('merge', ?)");
      merge.run(MERGED_PAGES + added);
      return added;
    });
  }

  /** The last messages with a peer before the one with this id, oldest first. */
  before(name: string, id: number, count: number): StoredMessage[] {
    const sql = "SELECT * FROM message WHERE peer = ? AND id < ? ORDER BY id DESC LIMIT ?";
    return this.#prepare(sql).all(storable(name), id, count).map(messageOf).reverse();
  }

  /** The newest messages with all these words, newest first. */
  search(words: string, most: number, { name, before = 0 }: SearchScope = {}): StoredMessage[] {
    const expression = fullTextQuery(words);
    if (expression === undefined) return [];
    const upTo = before === 0 ? Number.MAX_SAFE_INTEGER : before;
    // The newest come first: ranking a common word would take seconds.
    if (name === undefined) {
      const search = this.#prepare(
        "SELECT * FROM message WHERE id IN " +
          "(SELECT rowid FROM words WHERE words MATCH ? AND rowid < ? " +
          "ORDER BY rowid DESC LIMIT ?) ORDER BY id DESC",
      );
      return search.all(expression, upTo, most).map(messageOf);
    }
    const search = this.#prepare(
      "SELECT message.* FROM words JOIN message ON message.id = words.rowid " +
        "WHERE words MATCH ? AND words.rowid < ? AND message.peer = ? " +
        "ORDER BY words.rowid DESC LIMIT ?",
    );
    return search.all(expression, upTo, storable(name), most).map(messageOf);
  }

  /** Whether a message was sent to that name at that host, with any port. */
  sentTo(name: string, host: string): boolean {
    // This reads a range of one index, however many messages a name has: callers choose their names.
    const find = this.#prepare(
      "SELECT 1 FROM message WHERE kind = 1 AND peer = ? AND address >= ? AND address < ? LIMIT 1",
    );
    return find.get(storable(name), `${host}:`, `${host};`) !== undefined; // ; follows :
  }

  /** The threads with the newest messages, newest first, and those with a draft. */
  threads(most: number): StoredThread[] {
    return this.#prepare(THREADS).all(most).map((row) => {
      const { thread, read, draft, muted, alias, note, last } = row;
      const name = String(thread);
      const message = last === null || last === undefined
        ? undefined
        : this.#prepare("SELECT * FROM message WHERE id = ?").get(last);
      const unread = this.#prepare(
        "SELECT count(*) AS count FROM " +
          "(SELECT 1 FROM message WHERE peer = ? AND id > ? AND kind = 0 LIMIT 1000)",
      ).get(name, Number(read ?? 0));
      return {
        ...{ thread: name, unread: Number(unread?.count) },
        ...{ draft: String(draft ?? ""), muted: Number(muted) === 1 },
        ...{ alias: String(alias ?? ""), note: String(note ?? "") },
        ...message !== undefined && { last: messageOf(message) },
      };
    });
  }

  /** Deletes what is remembered of a thread besides its messages. */
  forgetThread(name: string): void {
    this.#prepare("DELETE FROM thread WHERE peer = ?").run(storable(name));
  }

  /** How many messages with a peer there are, and the last id; 0 if there is none. */
  extentOf(name: string): { count: number; readonly lastId: number } {
    const sql = "SELECT count(*) AS count, max(id) AS id FROM message WHERE peer = ?";
    const { count, id } = this.#prepare(sql).get(storable(name)) ?? {};
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
    const size = this.#prepare(
      "SELECT (page_count - freelist_count) * page_size AS bytes " +
        "FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
    );
    return Number(size.get()?.bytes);
  }

  /** Empties the log, in which deleted text would stay; false if another client is in the way. */
  emptyLog(): boolean {
    return this.#db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
  }

  /** False if it is there already. */
  #addMessage({ peer, server, type, at, text, mark }: NewMessage): boolean {
    const stored = storable(text);
    const insert = this.#prepare(
      "INSERT INTO message (peer, address, server, kind, at, text, mark) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mark) WHERE mark IS NOT NULL DO NOTHING",
    );
    const { changes, lastInsertRowid } = insert.run(
      storable(peer.name),
      peer.address,
      server ?? null,
      TYPES.indexOf(type),
      at,
      stored,
      mark ?? null,
    );
    if (changes === 0) return false;
    const insertWords = this.#prepare("INSERT INTO words (rowid, text) VALUES (?, ?)");
    insertWords.run(lastInsertRowid, fullTextOf(stored));
    // Who answers has read what came before.
    if (type === "sent") this.#setThread({ thread: peer.name, unread: 0 });
    return true;
  }

  #setThread({ thread, unread, draft, muted, alias, note }: ThreadStatus): void {
    const peer = storable(thread);
    const values: Record<string, string | number> = {
      ...unread !== undefined && { read: this.#readUpTo(peer, unread) },
      ...draft !== undefined && { draft: storable(draft) },
      ...muted !== undefined && { muted: Number(muted) },
      ...alias !== undefined && { alias: storable(alias) },
      ...note !== undefined && { note: storable(note) },
    };
    for (const [column, value] of Object.entries(values)) {
      this.#prepare(
        `INSERT INTO thread (peer, ${column}) VALUES (?, ?) ` +
          `ON CONFLICT (peer) DO UPDATE SET ${column} = excluded.${column}`,
      ).run(peer, value);
    }
  }

  /** The id of the newest received message that is read if so many later ones are not. */
  #readUpTo(peer: string, unread: number): number {
    const sql = "SELECT id FROM message WHERE peer = ? AND kind = 0 " +
      "ORDER BY id DESC LIMIT 1 OFFSET ?";
    return Number(this.#prepare(sql).get(peer, unread)?.id ?? 0);
  }

  #addStatus({ mark, fate, at }: DeliveryStatus): void {
    if (fate === "failed") {
      this.#prepare("UPDATE message SET kind = 2 WHERE mark = ?").run(mark);
    } else this.#prepare("UPDATE message SET delivered = ? WHERE mark = ?").run(at, mark);
  }

  #delete(which: string, parameters: (string | number)[]): number {
    const ids = `(SELECT id FROM message WHERE ${which} LIMIT ?)`;
    return transaction(this.#db, "IMMEDIATE", () => {
      const words = `SELECT 'delete', id, searchable(text) FROM message WHERE id IN ${ids}`;
      this.#prepare(`INSERT INTO words (words, rowid, text) ${words}`).run(...parameters);
      const remove = this.#prepare(`DELETE FROM message WHERE id IN ${ids}`);
      return Number(remove.run(...parameters).changes);
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
    at: Math.min(Number(at), limits.timeMs), // earlier versions kept any time of a peer
    ...typeof mark === "string" && { mark },
    ...typeof delivered === "number" && { delivered },
  };
}
