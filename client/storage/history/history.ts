import type { DatabaseSync } from "node:sqlite";
import { isBusy } from "../../../server/platform/storage/sqlite.ts";
import { SharedFile } from "../../../server/platform/storage/shared_file.ts";
import { batchDelete } from "./batch_delete.ts";
import {
  type DeliveryStatus,
  MessageTable,
  type NewMessage,
  type StoredMessage,
} from "./message_table.ts";
import { HISTORY_SCHEMA } from "./schema.ts";

export type { DeliveryStatus, NewMessage, StoredMessage } from "./message_table.ts";

/** How long messages gather before they are written, in milliseconds. */
const BATCH_DELAY_MS = 50;
/** So many are written at once: whoever types waits no longer, and they don't stay in memory. */
const MAX_BATCH = 200;
/** How long until what could not be written is tried again. */
const RETRY_INTERVAL_MS = 250;
/** How long the program stands still while another client writes; at the end there is time. */
const BUSY_TIMEOUT_MS = 50;
const CLOSING_BUSY_TIMEOUT_MS = 5_000;
/** What the file may hold, in bytes, and to what share of that it is brought down once it has more. */
const MAX_BYTES = 2 ** 30;
const BYTES_AFTER_TRIMMING = 0.95;
/** After how many messages that is looked at again. */
const TRIM_INTERVAL = 1_000;
/** How many messages wait where they can't be written; then the oldest are given up. */
const MAX_QUEUED = 10_000;

/**
 * What was said to whom, kept in one file; several clients may use it at once. It never throws into
 * a chat: where it can't keep or find something, it says so through `note`.
 *
 * @example
 * ```ts
 * import { History } from "./history.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const history = History.open(`${folder}/history.db`, console.error);
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
  #waiting: (NewMessage | DeliveryStatus)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Said once, until it works again. */
  #complained = false;
  #closing = false;
  readonly #forgetting = new Set<Promise<number>>();
  readonly #mostBytes: number;
  /** Messages until the size is looked at again. */
  #untilTrimming = 0;
  #trimming = false;

  /**
   * Opens the history, or begins one. A damaged file is set aside first.
   *
   * @param note told, in words for users, what went wrong, now or later
   * @param mostBytes from where on the oldest messages are deleted
   * @returns undefined where none can be kept; the note says why
   */
  static open(
    path: string,
    note: (text: string) => void,
    mostBytes: number = MAX_BYTES,
  ): History | undefined {
    try {
      return new History(path, note, mostBytes);
    } catch (error) {
      note(`no history is kept: ${reason(error)}`);
      return undefined;
    }
  }

  private constructor(path: string, note: (text: string) => void, mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.#note = note;
    const tables = (db: DatabaseSync) => new MessageTable(db);
    this.#file = new SharedFile(path, {
      schema: HISTORY_SCHEMA,
      tables,
      patience: BUSY_TIMEOUT_MS,
      note,
    });
  }

  /**
   * Keeps a message, or what became of one; it is written within 50 ms, together with others. What has
   * the mark of a message that is kept is not kept again.
   */
  append(message: NewMessage | DeliveryStatus): void {
    if (this.#file.tables === undefined) return;
    this.#waiting.push(message);
    // Not from there on: where they can't be written, trying with each would hold up everything.
    if (this.#waiting.length === MAX_BATCH) return this.#flush();
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_DELAY_MS);
  }

  /**
   * Keeps a message at once: it is safe from the end of the program when this returns.
   *
   * @returns false where one with the same mark is kept already
   * @throws {Error} where it can't be written; the message is not kept then
   */
  keepNow(message: NewMessage): boolean {
    this.#flush();
    const isNew = this.#file.do((table) => table.add([message])) === 1;
    if (--this.#untilTrimming <= 0) this.#trim();
    return isNew;
  }

  /** The last messages with a peer of that name, oldest first. */
  last(name: string, count: number): StoredMessage[] {
    return this.before(name, Number.MAX_SAFE_INTEGER, count);
  }

  /** Those that came before the message with that number, oldest first. */
  before(name: string, id: number, count: number): StoredMessage[] {
    this.#flush();
    return this.#try("read the history", [], (table) => table.before(name, id, count));
  }

  /** The newest messages with all these words, over all chats, newest first. */
  search(words: string, most: number): StoredMessage[] {
    this.#flush();
    return this.#try("search the history", [], (table) => table.search(words, most));
  }

  /**
   * Whether something was sent to a peer of exactly that name at that host, as it stands before the
   * port in the messages' addresses.
   */
  sentTo(name: string, host: string): boolean {
    return this.#try("read the history", false, (table) => table.sentTo(name, host));
  }

  /**
   * Deletes what was said with a peer of that name so far, a portion at a time. It is overwritten,
   * also in the index and the log.
   *
   * @returns how many messages
   * @throws {Error} where not all could be deleted
   */
  async forget(name: string): Promise<number> {
    this.#flush();
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter((each) => !("peer" in each && each.peer.name === name));
    const waiting = before - this.#waiting.length;
    let lastId: number | undefined;
    const forgetting = batchDelete(
      () => this.#file.tables,
      (table, most) => table.deleteOf(name, lastId ??= table.lastId(), most),
    );
    this.#forgetting.add(forgetting);
    try {
      return waiting + await forgetting;
    } finally {
      this.#forgetting.delete(forgetting);
    }
  }

  /**
   * Deletes what is older, a portion at a time; where the history is closed meanwhile, the rest is
   * for the next time.
   *
   * @param before in milliseconds since 1970
   * @returns how many messages
   * @throws {Error} where not all could be deleted
   */
  async prune(before: number): Promise<number> {
    this.#flush();
    return await batchDelete(
      () => this.#closing ? undefined : this.#file.tables,
      (table, most) => table.deleteBefore(before, most),
    );
  }

  /** Finishes forgetting, writes what waits, and closes; later calls do nothing. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.allSettled(this.#forgetting);
    this.#file.setPatience(CLOSING_BUSY_TIMEOUT_MS);
    this.#flush();
    clearTimeout(this.#timer);
    if (this.#waiting.length > 0) this.#note(`${this.#waiting.length} messages are not kept`);
    this.#waiting = [];
    this.#file.close();
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const messages = this.#waiting;
    if (messages.length === 0) return;
    this.#waiting = [];
    const written = this.#try("keep messages", false, (table) => {
      table.add(messages);
      return true;
    });
    if (written && (this.#untilTrimming -= messages.length) <= 0) this.#trim();
    if (written || this.#file.tables === undefined) return;
    this.#waiting = messages.slice(-MAX_QUEUED);
    this.#timer = setTimeout(() => this.#flush(), RETRY_INTERVAL_MS);
  }

  /** Deletes the oldest where there is too much, a portion at a time. */
  #trim(): void {
    this.#untilTrimming = TRIM_INTERVAL;
    const bytes = () => this.#try("find out the size of the history", 0, (table) => table.bytes());
    if (this.#trimming || bytes() <= this.#mostBytes) return;
    this.#trimming = true;
    batchDelete(
      () => this.#closing ? undefined : this.#file.tables,
      (table, most) =>
        table.bytes() > this.#mostBytes * BYTES_AFTER_TRIMMING ? table.deleteOldest(most) : 0,
    ).catch((error) => this.#note(reason(error))).finally(() => this.#trimming = false);
  }

  #try<Result>(what: string, otherwise: Result, work: (table: MessageTable) => Result): Result {
    if (this.#file.tables === undefined) return otherwise;
    try {
      const result = this.#file.do(work);
      this.#complained = false;
      return result;
    } catch (error) {
      if (this.#file.tables === undefined) this.#note(`no history is kept: ${reason(error)}`);
      // Another client is writing: what is to be written waits, and is tried again.
      else if (!isBusy(error) && !this.#complained) {
        this.#complained = true;
        this.#note(`cannot ${what}: ${reason(error)}`);
      }
      return otherwise;
    }
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
