import { reasonOf } from "../../../server/platform/util/errors.ts";
import type { DatabaseSync } from "node:sqlite";
import { isBusy } from "../../../server/platform/storage/sqlite.ts";
import { SharedFile } from "../../../server/platform/storage/shared_file.ts";
import { batchDelete } from "./batch_delete.ts";
import {
  type DeliveryStatus,
  MessageTable,
  type NewMessage,
  type SearchScope,
  type StoredMessage,
  type StoredThread,
  type ThreadStatus,
} from "./message_table.ts";
import { HISTORY_SCHEMA } from "./schema.ts";

export type {
  DeliveryStatus,
  NewMessage,
  SearchScope,
  StoredMessage,
  StoredThread,
  ThreadStatus,
} from "./message_table.ts";

/** How long messages are gathered before they are written, in milliseconds. */
const BATCH_DELAY_MS = 50;
/** How many messages are written at once: more would delay typing, and fill the memory. */
const MAX_BATCH = 200;
/** The time until a failed write is tried again, in milliseconds. */
const RETRY_INTERVAL_MS = 250;
/** How long the program blocks while another client writes, in milliseconds; when closing it may be longer. */
const BUSY_TIMEOUT_MS = 50;
const CLOSING_BUSY_TIMEOUT_MS = 5_000;
/** The largest size of the file, in bytes, and the share of it that is left after trimming. */
const MAX_BYTES = 2 ** 30;
const BYTES_AFTER_TRIMMING = 0.95;
/** After how many messages the size is checked again. */
const TRIM_INTERVAL = 1_000;
/** The limit of unwritten messages in memory; beyond it, the oldest are dropped. */
const MAX_QUEUED = 10_000;

/**
 * The message history in one file, which several clients may use at once. Most methods never throw: they
 * report failures through `note`.
 *
 * @example
 * ```ts
 * import { History } from "./history.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const history = await History.open(`${folder}/history.db`, console.error);
 * const bob = { name: "bob", address: "192.0.2.7:40001" };
 * history?.append({ peer: bob, type: "sent", text: "lunch at noon?", at: Date.now() });
 * assertEquals(history?.search("noon", 20).map(({ text }) => text), ["lunch at noon?"]);
 * await history?.close();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class History implements AsyncDisposable {
  readonly #note: (text: string) => void;
  readonly #file: SharedFile<MessageTable>;
  #waiting: (NewMessage | DeliveryStatus | ThreadStatus)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether a failure was reported since the last success. */
  #hasReported = false;
  #closing = false;
  readonly #forgetting = new Set<Promise<number>>();
  readonly #mostBytes: number;
  /** Messages until the size is checked again. */
  #untilTrimming = 0;
  #trimming = false;

  /**
   * Opens the history, or creates it. A damaged file is moved away first.
   *
   * @param note receives texts for the user about failures, now or later
   * @param mostBytes the size above which the oldest messages are deleted
   * @returns undefined if the file can't be opened
   */
  static async open(
    path: string,
    note: (text: string) => void,
    mostBytes: number = MAX_BYTES,
  ): Promise<History | undefined> {
    const tables = (db: DatabaseSync) => new MessageTable(db);
    const options = { schema: HISTORY_SCHEMA, tables, busyTimeoutMs: BUSY_TIMEOUT_MS, note };
    try {
      return new History(await SharedFile.open(path, options), note, mostBytes);
    } catch (error) {
      note(`No history is kept: ${reasonOf(error)}`);
      return undefined;
    }
  }

  private constructor(
    file: SharedFile<MessageTable>,
    note: (text: string) => void,
    mostBytes: number,
  ) {
    this.#mostBytes = mostBytes;
    this.#note = note;
    this.#file = file;
  }

  /** Adds a message, or the status of one, unless its mark is known; writes it within 50 ms. */
  append(message: NewMessage | DeliveryStatus | ThreadStatus): void {
    if (this.#file.isClosed) return;
    this.#waiting.push(message);
    // Only once: if writing fails, trying again with each message would block everything.
    if (this.#waiting.length === MAX_BATCH) return this.#flush();
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_DELAY_MS);
  }

  /**
   * Writes a message at once; false if one with the same mark is there already.
   *
   * @throws {Error} if it can't be written
   */
  keepNow(message: NewMessage): boolean {
    this.#flush();
    const isNew = this.#file.do((table) => table.add([message])) === 1;
    if (--this.#untilTrimming <= 0) this.#trim();
    return isNew;
  }

  /** The last messages with a peer of this name, oldest first. */
  last(name: string, count: number): StoredMessage[] {
    return this.before(name, Number.MAX_SAFE_INTEGER, count);
  }

  /** The messages before the one with this id, oldest first. */
  before(name: string, id: number, count: number): StoredMessage[] {
    this.#flush();
    return this.#try("read the history", [], (table) => table.before(name, id, count));
  }

  /** The threads with the newest messages, newest first, and those with a draft. */
  threads(most: number): StoredThread[] {
    this.#flush();
    return this.#try("read the history", [], (table) => table.threads(most));
  }

  /** The newest messages with all these words, newest first; over all chats, or in a scope. */
  search(words: string, most: number, scope: SearchScope = {}): StoredMessage[] {
    this.#flush();
    return this.#try("search the history", [], (table) => table.search(words, most, scope));
  }

  /** Whether a message was sent to exactly this name at this host, with any port. */
  sentTo(name: string, host: string): boolean {
    return this.#try("read the history", false, (table) => table.sentTo(name, host));
  }

  /**
   * Deletes the messages with a peer so far, also from the index and the log; returns how many.
   *
   * @throws {Error} if not all could be deleted
   */
  async forget(name: string): Promise<number> {
    this.#flush();
    this.#waiting = this.#waiting.filter((each) => !("thread" in each && each.thread === name));
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((each) => !("peer" in each && each.peer.name === name));
    const waiting = before - this.#waiting.length;
    this.#try("delete from the history", undefined, (table) => table.forgetThread(name));
    let left: { count: number; readonly lastId: number } | undefined;
    const forgetting = batchDelete(this.#file, () => false, (table, most) => {
      left ??= table.extentOf(name);
      // Once the table is empty, SQLite gives the same numbers again to new messages.
      const deleted = table.deleteOf(name, left.lastId, Math.min(most, left.count));
      left.count -= deleted;
      return deleted;
    });
    this.#forgetting.add(forgetting);
    try {
      return waiting + await forgetting;
    } finally {
      this.#forgetting.delete(forgetting);
    }
  }

  /**
   * Deletes messages from before a time in milliseconds since 1970; returns how many. If the
   * history is closed meanwhile, the rest stays until the next time.
   *
   * @throws {Error} if not all could be deleted
   */
  async prune(before: number): Promise<number> {
    this.#flush();
    return await batchDelete(
      this.#file,
      () => this.#closing,
      (table, most) => table.deleteBefore(before, most),
    );
  }

  /** Finishes deleting, writes pending messages, and closes; later calls do nothing. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#forgetting);
    this.#file.setBusyTimeout(CLOSING_BUSY_TIMEOUT_MS);
    this.#flush();
    clearTimeout(this.#timer);
    if (this.#waiting.length > 0) this.#note(`${this.#waiting.length} messages could not be saved`);
    this.#waiting = [];
    this.#file.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const messages = this.#waiting;
    if (messages.length === 0) return;
    this.#waiting = [];
    const written = this.#try("save messages", false, (table) => {
      table.add(messages);
      return true;
    });
    if (written && (this.#untilTrimming -= messages.length) <= 0) this.#trim();
    if (written || this.#file.isClosed) return;
    this.#waiting = messages.slice(-MAX_QUEUED);
    this.#timer = setTimeout(() => this.#flush(), RETRY_INTERVAL_MS);
  }

  /** Deletes the oldest messages if there are too many, in batches. */
  #trim(): void {
    this.#untilTrimming = TRIM_INTERVAL;
    const bytes = () => this.#try("measure the history", 0, (table) => table.bytes());
    if (this.#trimming || bytes() <= this.#mostBytes) return;
    this.#trimming = true;
    batchDelete(
      this.#file,
      () => this.#closing,
      (table, most) =>
        table.bytes() > this.#mostBytes * BYTES_AFTER_TRIMMING ? table.deleteOldest(most) : 0,
    ).catch((error) => this.#note(reasonOf(error))).finally(() => this.#trimming = false);
  }

  #try<Result>(what: string, otherwise: Result, work: (table: MessageTable) => Result): Result {
    if (this.#file.isClosed) return otherwise;
    try {
      const result = this.#file.do(work);
      this.#hasReported = false;
      return result;
    } catch (error) {
      // If another client is writing, it is tried again later.
      if (!isBusy(error) && !this.#hasReported) {
        this.#hasReported = true;
        this.#note(`Cannot ${what}: ${reasonOf(error)}`);
      }
      return otherwise;
    }
  }
}
