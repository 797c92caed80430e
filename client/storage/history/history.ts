import { reasonOf } from "../../../server/platform/util/errors.ts";
import type { DatabaseSync } from "node:sqlite";
import { isBusy } from "../../../server/platform/storage/sqlite.ts";
import { SharedFile } from "../../../server/platform/storage/shared_file.ts";
import { batchDelete, unlessBusy, whenNotBusy } from "./batch_delete.ts";
import {
  type DeliveryStatus,
  MessageTable,
  type NewMessage,
  type SearchScope,
  type StoredMessage,
  type StoredThread,
} from "./message_table.ts";
import type { ActionChange, MessageVersion } from "../../core/mod.ts";
import type { NewAction } from "./action_table.ts";
import { HISTORY_SCHEMA } from "./schema.ts";
import type { ThreadFacts, ThreadStatus } from "./thread_table.ts";
import { trimStrangers } from "./trim.ts";

export type {
  DeliveryStatus,
  NewMessage,
  SearchScope,
  StoredMessage,
  StoredThread,
} from "./message_table.ts";
export type { NewAction } from "./action_table.ts";
export type { ThreadFacts, ThreadStatus } from "./thread_table.ts";

const DAY_MS = 86_400_000;
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
/** After how many messages the size is checked again; more if nothing could be deleted. */
const TRIM_INTERVAL = 1_000;
const LARGE_TRIM_INTERVAL = 20_000;
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
  /** How many deletions wait to find out where they end: until then, nothing is written. */
  #undecided = 0;
  readonly #mostBytes: number;
  /** Messages until the size is checked again. */
  #untilTrimming = 0;
  #trimming = false;
  #hasReportedSize = false;

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
    const isNew = this.#now((table) => table.add([message])) === 1;
    if (--this.#untilTrimming <= 0) this.#trim();
    return isNew;
  }

  /**
   * Applies something done with a message at once, or keeps it for a message of its author's to come.
   *
   * @param isForgotten whether that message was here before
   * @throws {Error} if it can't be written
   */
  applyAction(action: NewAction, isForgotten: boolean): ActionChange | undefined {
    return this.#now((table) => table.applyAction(action, isForgotten));
  }

  /** The changes that were kept for a message, and applied as it came; only the first time. */
  takeApplied(mark: string): ActionChange[] {
    return this.#try("read the history", [], (table) => table.actions.takeApplied(mark));
  }

  /**
   * The peer has seen the messages up to this one; false if it is unknown, or no news.
   *
   * @throws {Error} if it can't be written
   */
  markSeen(mark: string): boolean {
    return this.#now((table) => table.actions.markSeen(mark));
  }

  /**
   * Messages from and to one key count as those of another.
   *
   * @throws {Error} if it can't be written
   */
  rotateKey(oldKey: Uint8Array, newKey: Uint8Array): void {
    this.#now((table) => table.rotateKey(oldKey.toHex(), newKey.toHex()));
  }

  /** A peer has another name: its history goes with it. */
  renameThread(from: string, to: string): void {
    this.#now((table) => table.renameThread(from, to));
  }

  /** The message with that mark. */
  find(mark: string): StoredMessage | undefined {
    this.#flush();
    return this.#try("read the history", undefined, (table) => table.find(mark));
  }

  /** The texts that a message has had, the oldest first; none if it was never edited. */
  versions(id: number): MessageVersion[] {
    return this.#try("read the history", [], (table) => table.actions.versions(id));
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

  /** The messages behind the one with this id, oldest first. */
  after(name: string, id: number, count: number): StoredMessage[] {
    this.#flush();
    return this.#try("read the history", [], (table) => table.after(name, id, count));
  }

  /** The threads with the newest messages, newest first, and those with a draft. */
  threads(most: number): StoredThread[] {
    this.#flush();
    return this.#try("read the history", [], (table) => table.listThreads(most));
  }

  /** The names of the threads with the newest messages, newest first. */
  names(most: number): string[] {
    this.#flush();
    return this.#try("read the history", [], (table) => table.threads.names(most));
  }

  /** The names of those without a key at a server (`host:port`), the newest first. */
  keylessNames(server: string, most: number): string[] {
    this.#flush();
    return this.#try("read the history", [], (table) => table.threads.keylessNames(server, most));
  }

  /** The user's own names and notes for peers, and when they were seen. */
  facts(): ThreadFacts[] {
    this.#flush();
    return this.#try("read the history", [], (table) => table.threads.facts());
  }

  /** How many of the newest messages of a peer the user has not read. */
  unread(name: string): number {
    this.#flush();
    return this.#try("read the history", 0, (table) => table.threads.unreadOf(name));
  }

  /** The newest messages with all these words, newest first; over all chats, or in a scope. */
  search(words: string, most: number, scope: SearchScope = {}): StoredMessage[] {
    this.#flush();
    return this.#try("search the history", [], (table) => table.search(words, most, scope));
  }

  /** Whether a message was sent to exactly this name, at any address. */
  hasSentTo(name: string): boolean {
    return this.#try("read the history", false, (table) => table.hasSentTo(name));
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
    this.#try("delete from the history", undefined, (table) => {
      table.threads.forget(name);
      table.actions.forget(name);
    });
    const forgetting = this.#forgetStored(name);
    this.#forgetting.add(forgetting);
    try {
      return waiting + await forgetting;
    } finally {
      this.#forgetting.delete(forgetting);
    }
  }

  /**
   * Deletes messages that came more than so many days ago, by {@linkcode HistoryClock}. If the
   * history is closed meanwhile, the rest stays until the next time.
   *
   * @returns how many were deleted, and how many days of the wall clock are doubted
   * @throws {Error} if not all could be deleted
   */
  async prune(days: number): Promise<{ readonly deleted: number; readonly doubtedDays: number }> {
    this.#flush();
    let doubtedDays = 0;
    const deleted = await batchDelete(this.#file, () => this.#closing, (table, most) => {
      doubtedDays = table.clock.doubtedDays;
      return table.deleteBefore(table.clock.now - days * DAY_MS, most);
    });
    return { deleted, doubtedDays };
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

  /** Deletes what is stored with a peer at this moment: not what comes while another client is in the way. */
  async #forgetStored(name: string): Promise<number> {
    if (this.#file.isClosed) return 0;
    const extent = () => this.#file.do((table) => table.extentOf(name));
    const left = unlessBusy(extent) ?? await this.#whileNothingIsWritten(() => whenNotBusy(extent));
    return await batchDelete(this.#file, () => false, (table, most) => {
      // Once the table is empty, SQLite gives the same numbers again to new messages.
      const deleted = table.deleteOf(name, left.lastId, Math.min(most, left.count));
      left.count -= deleted;
      return deleted;
    });
  }

  async #whileNothingIsWritten<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#undecided++;
    try {
      return await work();
    } finally {
      this.#undecided--;
    }
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#undecided > 0 && !this.#closing) {
      this.#timer = setTimeout(() => this.#flush(), RETRY_INTERVAL_MS);
      return;
    }
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

  /** Deletes messages of strangers if there are too many, in batches. */
  #trim(): void {
    this.#untilTrimming = TRIM_INTERVAL;
    const bytes = () => this.#try("measure the history", 0, (table) => table.bytes());
    if (this.#trimming || bytes() <= this.#mostBytes) return;
    this.#trimming = true;
    trimStrangers(this.#file, () => this.#closing, this.#mostBytes * BYTES_AFTER_TRIMMING)
      .then((isEnough) => isEnough || this.#closing || this.#reportLargeHistory())
      .catch((error) => this.#note(reasonOf(error)))
      .finally(() => this.#trimming = false);
  }

  /** Looks for strangers' messages again only after many more, since that reads the whole file. */
  #reportLargeHistory(): void {
    this.#untilTrimming = LARGE_TRIM_INTERVAL;
    if (this.#hasReportedSize) return;
    this.#hasReportedSize = true;
    this.#note(
      `The history is larger than ${
        Math.round(this.#mostBytes / 2 ** 20)
      } MiB. All of it belongs to ` +
        "chats in which you have written, so nothing is deleted",
    );
  }

  /** Works with the file once what waits is written; throws if that is not possible. */
  #now<Result>(work: (table: MessageTable) => Result): Result {
    if (this.#undecided > 0) throw new Error("database is locked: another client writes");
    this.#flush();
    return this.#file.do(work);
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
