import type { DatabaseSync } from "node:sqlite";
import { limits } from "../../../protocol/mod.ts";
import { storable } from "../../../server/platform/storage/storable.ts";
import { Statements } from "../../../server/platform/storage/statements.ts";
import { transaction } from "../../../server/platform/storage/transaction.ts";
import type { ActionChange } from "../../core/mod.ts";
import { ActionTable, type NewAction, stateOf } from "./action_table.ts";
import { type ThreadStatus, ThreadTable } from "./thread_table.ts";
import { HistoryClock } from "./clock.ts";
import { fullTextOf, fullTextQuery } from "./full_text.ts";

/** Their indexes are stored: new ones come last. */
const TYPES = ["received", "sent", "failed"] as const;

/** How many of the newest messages are searched for symbols, which the index does not have. */
const MAX_SCANNED = 100_000;

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
  /** When it was written, in milliseconds since 1970; of a peer's, by the peer's clock. */
  readonly at: number;
  /** When it came, as {@linkcode HistoryClock} counts. Default: now. */
  readonly kept?: number;
  /** The mark of the message that it answers. */
  readonly reply?: string;
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
  /** Only those from the peer, or only the user's own. */
  readonly from?: "me" | "them" | undefined;
  /** Only those before the one with this id; 0 for all. */
  readonly before?: number;
}

export interface StoredMessage extends NewMessage {
  /** Its number, which grows with each message, over all peers. */
  readonly id: number;
  /** When the peer acknowledged it, in milliseconds since 1970. */
  readonly delivered?: number;
  /** Whether it had another text before. */
  readonly isEdited?: true;
  /** Whether its author has deleted it: the text is empty then. */
  readonly isDeleted?: true;
  /** The reactions, each with its author. */
  readonly reactions?: readonly { readonly by: string; readonly emoji: string }[];
}

/** How much a message takes, and who is at the other end. */
export interface MessageSize {
  readonly id: number;
  readonly name: string;
  readonly address: string;
  readonly isReceived: boolean;
  /** Whether it is one of MIM/2. */
  readonly isMarked: boolean;
  readonly bytes: number;
}

/** The size of a message without its text, in bytes. */
const MESSAGE_OVERHEAD_BYTES = 64;

/** The thread with a peer: what is remembered of it, and its last message. */
export interface StoredThread extends Required<Omit<ThreadStatus, "otherName">> {
  /** Undefined if there is only a draft. */
  readonly last?: StoredMessage;
  /** The id of the newest message that the peer has seen; 0 for none. */
  readonly seenId: number;
}

/** The messages and their index in an open database. Each method is one transaction. */
export class MessageTable {
  readonly #db: DatabaseSync;
  readonly #prepare: Statements["prepare"];

  readonly threads: ThreadTable;
  readonly actions: ActionTable;
  #clock: HistoryClock | undefined;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.threads = new ThreadTable(db);
    this.actions = new ActionTable(db);
    this.#prepare = new Statements(db).prepare;
  }

  /** The time by which old messages are deleted. Its first use writes. */
  get clock(): HistoryClock {
    return this.#clock ??= new HistoryClock(this.#db);
  }

  /** Adds messages and statuses in one transaction; returns how many messages are new. */
  add(messages: readonly (NewMessage | DeliveryStatus | ThreadStatus)[]): number {
    return transaction(this.#db, "IMMEDIATE", () => {
      let added = 0;
      this.clock.saveHourly();
      for (const message of messages) {
        if ("fate" in message) this.#addStatus(message);
        else if ("thread" in message) this.threads.set(message);
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

  /** The first messages with a peer behind the one with this id, oldest first. */
  after(name: string, id: number, count: number): StoredMessage[] {
    const sql = "SELECT * FROM message WHERE peer = ? AND id > ? ORDER BY id LIMIT ?";
    return this.#prepare(sql).all(storable(name), id, count).map(messageOf);
  }

  /** The message with that mark. */
  find(mark: string): StoredMessage | undefined {
    const row = this.#prepare("SELECT * FROM message WHERE mark = ?").get(mark);
    return row && messageOf(row);
  }

  /** Messages from and to one key count as those of another: see {@linkcode ActionTable.rotate}. */
  rotateKey(oldKey: string, newKey: string): void {
    transaction(this.#db, "IMMEDIATE", () => this.actions.rotate(oldKey, newKey));
  }

  /** A peer has another name: what is remembered under the new one stays. */
  renameThread(from: string, to: string): void {
    const names = [storable(to), storable(from)];
    transaction(this.#db, "IMMEDIATE", () => {
      this.#prepare("UPDATE message SET peer = ? WHERE peer = ?").run(...names);
      this.#prepare("UPDATE kept_action SET peer = ? WHERE peer = ?").run(...names);
      this.threads.rename(storable(from), storable(to));
      this.#prepare("UPDATE OR IGNORE seen_message SET peer = ? WHERE peer = ?").run(...names);
    });
    this.threads.forget(from);
  }

  /** Applies an action: see {@linkcode ActionTable.apply}. */
  applyAction(action: NewAction, isForgotten: boolean): ActionChange | undefined {
    return transaction(this.#db, "IMMEDIATE", () => this.actions.apply(action, isForgotten));
  }

  /**
   * The newest messages with all these words, newest first; without words, all from the peer or the user
   * that the scope names.
   */
  search(words: string, most: number, scope: SearchScope = {}): StoredMessage[] {
    const { name, from, before = 0 } = scope;
    const { words: expression, symbols } = fullTextQuery(words);
    if (expression === undefined && symbols.length === 0 && from === undefined) return [];
    const sent = from === undefined ? "" : `AND (kind = 0) = ${from === "them" ? 1 : 0} `;
    const of = (name === undefined ? "" : "AND peer = ? ") + sent;
    // The newest come first: ranking a common word would take seconds.
    const candidates = expression === undefined
      ? `SELECT id FROM message WHERE id < ? ${of}ORDER BY id DESC LIMIT ?`
      : of === ""
      ? "SELECT rowid FROM words WHERE words MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?"
      : "SELECT words.rowid FROM words JOIN message ON message.id = words.rowid " +
        `WHERE words MATCH ? AND words.rowid < ? ${of}ORDER BY words.rowid DESC LIMIT ?`;
    const contains = symbols.map(() => "AND instr(text, ?) > 0 ").join("");
    const search = this.#db.prepare(
      `SELECT * FROM message WHERE id IN (${candidates}) ${contains}ORDER BY id DESC LIMIT ?`,
    );
    const parameters = [
      ...expression === undefined ? [] : [expression],
      before === 0 ? Number.MAX_SAFE_INTEGER : before,
      ...name === undefined ? [] : [storable(name)],
      symbols.length === 0 ? most : MAX_SCANNED,
      ...symbols,
      most,
    ];
    return search.all(...parameters).map(messageOf);
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
  listThreads(most: number): StoredThread[] {
    return this.threads.list(most).map(({ lastId, ...status }) => {
      const row = lastId === undefined
        ? undefined
        : this.#prepare("SELECT * FROM message WHERE id = ?").get(lastId);
      return { ...status, ...row !== undefined && { last: messageOf(row) } };
    });
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

  /** Deletes some messages that came before that time, and returns how many. */
  deleteBefore(time: number, most: number): number {
    return this.#delete("coalesce(kept, at) < ? ORDER BY coalesce(kept, at)", [time, most]);
  }

  /** Deletes these messages, and returns how many there were. */
  deleteIds(ids: readonly number[]): number {
    const parameters = [JSON.stringify(ids), ids.length];
    return this.#delete("id IN (SELECT value FROM json_each(?))", parameters);
  }

  /** The sizes of so many messages behind the one with that id, in order. */
  sizesAfter(id: number, count: number): MessageSize[] {
    const sql = "SELECT id, peer, address, kind, mark IS NOT NULL AS marked, " +
      "octet_length(text) + coalesce(octet_length(state), 0) + coalesce((SELECT " +
      "sum(octet_length(text)) FROM version WHERE message = message.id), 0) AS bytes FROM message WHERE id > ? ORDER BY id LIMIT ?";
    return this.#prepare(sql).all(id, count).map((row) => ({
      id: Number(row.id),
      name: String(row.peer),
      address: String(row.address),
      isReceived: TYPES[Number(row.kind)] === "received",
      isMarked: row.marked === 1,
      bytes: Number(row.bytes) + MESSAGE_OVERHEAD_BYTES,
    }));
  }

  /** The names to which something was sent, with their addresses. */
  recipients(): { readonly name: string; readonly address: string }[] {
    const sql = "SELECT DISTINCT peer, address FROM message WHERE kind = 1";
    return this.#prepare(sql).all()
      .map(({ peer, address }) => ({ name: String(peer), address: String(address) }));
  }

  /** Whether something was sent to that name, at any address. */
  hasSentTo(name: string): boolean {
    const sql = "SELECT 1 FROM message WHERE kind = 1 AND peer = ? LIMIT 1";
    return this.#prepare(sql).get(storable(name)) !== undefined;
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
  #addMessage({ peer, server, type, at, kept, text, mark, reply }: NewMessage): boolean {
    const stored = storable(text);
    const insert = this.#prepare(
      "INSERT INTO message (peer, address, server, kind, at, kept, text, mark, reply) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (mark) WHERE mark IS NOT NULL DO NOTHING",
    );
    const { changes, lastInsertRowid } = insert.run(
      storable(peer.name),
      peer.address,
      server ?? null,
      TYPES.indexOf(type),
      at,
      kept ?? this.clock.now,
      stored,
      mark ?? null,
      reply ?? null,
    );
    if (changes === 0) return false;
    const insertWords = this.#prepare("INSERT INTO words (rowid, text) VALUES (?, ?)");
    insertWords.run(lastInsertRowid, fullTextOf(stored));
    if (mark !== undefined) this.actions.applyKept(mark);
    // A user who answers has read the messages before.
    if (type === "sent") this.threads.set({ thread: peer.name, unread: 0 });
    return true;
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
      this.#prepare(`DELETE FROM version WHERE message IN ${ids}`).run(...parameters);
      const remove = this.#prepare(`DELETE FROM message WHERE id IN ${ids}`);
      return Number(remove.run(...parameters).changes);
    });
  }
}

function messageOf(row: Record<string, unknown>): StoredMessage {
  const { id, peer, address, server, kind, at, text, mark, delivered, reply } = row;
  const { edit, deleted, reactions = [] } = stateOf(row.state);
  const shown = reactions.filter(({ isOn }) => isOn).map(({ by, emoji }) => ({ by, emoji }));
  return {
    id: Number(id),
    peer: { name: String(peer), address: String(address) },
    ...typeof server === "string" && { server },
    type: TYPES[Number(kind)] ?? "received",
    text: String(text),
    at: Math.min(Number(at), limits.timeMs), // earlier versions kept any time of a peer
    ...typeof mark === "string" && { mark },
    ...typeof delivered === "number" && { delivered },
    ...typeof reply === "string" && { reply },
    ...edit !== undefined && { isEdited: true as const },
    ...deleted !== undefined && { isDeleted: true as const },
    ...shown.length > 0 && { reactions: shown },
  };
}
