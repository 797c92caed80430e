import { delay } from "@std/async/delay";
import { deadline } from "@std/async/deadline";
import {
  encodeLinkClientMessage,
  limits,
  type LinkClientMessage,
  type LinkEntry,
  type LinkNoticeOf,
  nameKey,
  type WatchedItem,
} from "../../../protocol/mod.ts";
import { TokenBucket } from "../../../server/platform/util/token_bucket.ts";
import { type Directory, type UserTable, watchedItem } from "../presence/mod.ts";

/** A server disconnects clients that send more than 60 messages at once and 10 a second: some are left for others. */
const MESSAGE_BURST = 42;
const MESSAGES_PER_SECOND = 5;
/** It ignores queries over 10 at once and one a second. */
const QUERY_BURST = 9;
const QUERIES_PER_SECOND = 0.9;
/** How long until something is tried again for which the server has no room yet. */
const RETRY_INTERVAL_MS = 100;
/** How long a query may take. */
const QUERY_TIMEOUT_MS = 3_000;
/** For how long a query that would have found someone is not repeated. */
const QUERY_LIFETIME_MS = 10_000;
/** How many rows a query asks for: no server gives more. */
const MAX_FOUND = 100;
/** How soon changes of what is watched are sent that nobody waits for. */
const REFRESH_DELAY_MS = 200;
/** The bytes of encryption around a message, and more than an item takes. */
const MAX_ITEM_BYTES = 16 + 5 + 2 * limits.nameUnits;

/** The parts of a link that a session needs. */
export interface WatchingLink {
  /** Sends a message; false if the server does not read. */
  say(message: LinkClientMessage): boolean;
}

/** Tells a server that does not tell of everybody which users this client watches, and searches for others. */
export class Watching implements Directory {
  readonly #link: WatchingLink;
  readonly #users: UserTable;
  readonly #messages = new TokenBucket(MESSAGE_BURST, MESSAGES_PER_SECOND);
  readonly #queries = new TokenBucket(QUERY_BURST, QUERIES_PER_SECOND);
  /** By token, what is called once the server has answered that ping. */
  readonly #pings = new Map<number, () => void>();
  /** By number, what takes the answer of a query. */
  readonly #answers = new Map<number, (rows: readonly LinkEntry[]) => void>();
  /** The beginnings of names of which everybody was found, and when that was. */
  readonly #complete = new Map<string, number>();
  readonly #closed = new AbortController();
  /** The update that is to begin. */
  #next: Promise<void> | undefined;
  /** Resolves once all messages of the last one are sent. */
  #sending: Promise<void> = Promise.resolve();
  /** Resolves once the server has answered it. */
  #told: Promise<void> = Promise.resolve();
  #newestStart = "";
  #count = 0;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(link: WatchingLink, users: UserTable) {
    this.#link = link;
    this.#users = users;
  }

  get isAsking(): boolean {
    return this.#pings.size > 0;
  }

  sync(): Promise<void> {
    return this.#next ??= this.#sync().catch(() => {}); // it is closed
  }

  refreshSoon(): void {
    this.#refreshTimer ??= setTimeout(() => {
      this.#refreshTimer = undefined;
      void this.sync();
    }, REFRESH_DELAY_MS);
  }

  async search(start: string): Promise<void> {
    const key = nameKey(start);
    if (key.length < 2 || start.length > limits.nameUnits || this.#isComplete(key)) return;
    this.#newestStart = key;
    try {
      while (!this.#queries.take(performance.now())) {
        await this.#pause();
        if (this.#newestStart !== key) return; // the user has typed on
      }
      const rows = await this.#find(start);
      if (rows === undefined) return;
      if (rows.length < MAX_FOUND) this.#complete.set(key, performance.now());
      for (const row of rows) this.#users.watchList.remember("found", watchedItem(row));
    } catch {
      return; // it is closed
    }
    await this.sync();
  }

  /** The server has answered a query. */
  found({ query, rows }: LinkNoticeOf<"found">): void {
    this.#answers.get(query)?.(rows);
  }

  /** The server has answered a ping. Returns whether it was one of these. */
  answered(token: number): boolean {
    const resolve = this.#pings.get(token);
    this.#pings.delete(token);
    resolve?.();
    return resolve !== undefined;
  }

  close(): void {
    clearTimeout(this.#refreshTimer);
    this.#closed.abort();
    for (const resolve of this.#pings.values()) resolve();
    this.#pings.clear();
  }

  /** All that is asked for in one turn goes out at once; the answer to a ping stands behind the rows. */
  async #sync(): Promise<void> {
    await this.#sending;
    await this.#turn();
    this.#next = undefined;
    const { added, dropped } = this.#users.watchList.takeChanges();
    if (added.length + dropped.length === 0) return await this.#told;
    if (dropped.length > 0) this.#users.removeUnwatched();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#told = promise;
    const token = ++this.#count;
    this.#pings.set(token, resolve);
    const sending = this.#send(added, dropped, token);
    this.#sending = sending.catch(() => {});
    await sending;
    await promise;
  }

  async #send(
    added: readonly WatchedItem[],
    dropped: readonly WatchedItem[],
    token: number,
  ): Promise<void> {
    for (const items of inMessages(dropped)) await this.#say({ type: "watch", isOn: false, items });
    for (const items of inMessages(added)) await this.#say({ type: "watch", isOn: true, items });
    await this.#say({ type: "ping", token }, false);
  }

  async #find(start: string): Promise<readonly LinkEntry[] | undefined> {
    const query = ++this.#count;
    const { promise, resolve } = Promise.withResolvers<readonly LinkEntry[]>();
    this.#answers.set(query, resolve);
    try {
      await this.#say({ type: "find", query, start, most: MAX_FOUND });
      return await deadline(promise, QUERY_TIMEOUT_MS, { signal: this.#closed.signal });
    } catch {
      return undefined;
    } finally {
      this.#answers.delete(query);
    }
  }

  /** Whether everybody was found lately whose name begins like this. */
  #isComplete(key: string): boolean {
    const oldest = performance.now() - QUERY_LIFETIME_MS;
    for (const [start, at] of this.#complete) if (at < oldest) this.#complete.delete(start);
    return this.#complete.keys().some((start) => key.startsWith(start));
  }

  async #say(message: LinkClientMessage, waitsForTurn = true): Promise<void> {
    if (waitsForTurn) await this.#turn();
    while (!this.#link.say(message)) await this.#pause();
  }

  /** Waits until the server takes another message. */
  async #turn(): Promise<void> {
    while (!this.#messages.take(performance.now())) await this.#pause();
    this.#closed.signal.throwIfAborted();
  }

  async #pause(): Promise<void> {
    await delay(RETRY_INTERVAL_MS, { signal: this.#closed.signal });
  }
}

/** The items, as many at a time as fit into a message. */
function* inMessages(items: readonly WatchedItem[]): Generator<WatchedItem[], void> {
  const most = limits.loginFrameBytes - MAX_ITEM_BYTES;
  let next: WatchedItem[] = [];
  let length = 0;
  for (const item of items) {
    const bytes = encodeLinkClientMessage({ type: "watch", isOn: true, items: [item] }).length;
    if (length + bytes > most) {
      yield next;
      [next, length] = [[], 0];
    }
    next.push(item);
    length += bytes;
  }
  if (next.length > 0) yield next;
}
