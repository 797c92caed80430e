import { setImmediate } from "node:timers";
import {
  encodeLinkUpdate,
  type LinkNoticeOf,
  nameKey,
  type WatchedItem,
  watchedKey,
} from "../../protocol/mod.ts";
import { serverLimits } from "../limits.ts";
import type { ClientSession } from "../session/mod.ts";
import { entryInAdd, type IndexedRow, RowIndex } from "./row_index.ts";

/** Something to watch, and the clients that watch it. */
interface Item {
  /** A session, key or name with a letter before it. */
  readonly key: string;
  readonly watchers: Set<Watcher>;
}

/** A client with the items that it watches: it has been told all rows of these, and no others. */
class Watcher {
  readonly session: ClientSession;
  readonly items = new Set<Item>();
  /** The messages for it in this turn. */
  waiting: Uint8Array[] = [];

  constructor(session: ClientSession) {
    this.session = session;
  }
}

/**
 * Clients that are told only of the rows that they watch, where a table is too large for telling everybody of
 * everybody. Costs nothing while there are none.
 */
export class Watchers {
  readonly #rows: () => Iterable<Uint8Array>;
  readonly #watchers = new Map<ClientSession, Watcher>();
  readonly #items = new Map<string, Item>();
  /** Undefined without watchers. */
  #index: RowIndex | undefined;
  /** Those for whom messages wait. */
  readonly #due = new Set<Watcher>();

  /** @param rows the Adds of all rows */
  constructor(rows: () => Iterable<Uint8Array>) {
    this.#rows = rows;
  }

  /** How many clients watch. */
  get size(): number {
    return this.#watchers.size;
  }

  /** Whether a client watches. */
  has(session: ClientSession): boolean {
    return this.#watchers.has(session);
  }

  /** A client watches from now on, its own row first; returns its Add. */
  join(session: ClientSession, id: string): Uint8Array | undefined {
    if (this.#index === undefined) {
      this.#index = new RowIndex();
      for (const add of this.#rows()) this.#index.put(add);
    }
    const watcher = new Watcher(session);
    this.#watchers.set(session, watcher);
    this.#watch(watcher, `s${id}`);
    return this.#index.get(id)?.add;
  }

  /** A client watches no more. */
  leave(session: ClientSession): void {
    const watcher = this.#watchers.get(session);
    if (watcher === undefined) return;
    this.#watchers.delete(session);
    this.#due.delete(watcher);
    for (const item of watcher.items) this.#unwatch(watcher, item);
    if (this.#watchers.size === 0) this.#index = undefined;
  }

  /**
   * Does what a client says about what it watches.
   *
   * @returns false if it watches more than it may
   */
  change(session: ClientSession, isOn: boolean, items: readonly WatchedItem[]): boolean {
    const watcher = this.#watchers.get(session);
    if (watcher === undefined) return true;
    for (const key of items.map(watchedKey)) {
      const item = this.#items.get(key);
      const isWatched = item !== undefined && watcher.items.has(item);
      if (!isOn && isWatched) this.#unwatch(watcher, item);
      if (!isOn || isWatched) continue;
      if (watcher.items.size >= serverLimits.watchedItems) return false;
      for (const row of this.#rowsOf(key)) this.#tellRow(watcher, row);
      this.#watch(watcher, key);
    }
    return true;
  }

  /**
   * Has a client watch the session of another one, which will be spoken of.
   *
   * @returns false if it watches as much as it may
   */
  introduce(session: ClientSession, id: string): boolean {
    const watcher = this.#watchers.get(session);
    const row = this.#index?.get(id);
    if (watcher === undefined || row === undefined) return false;
    if (!this.#isTold(watcher, row)) {
      if (watcher.items.size >= serverLimits.watchedItems) return false;
      this.#tellRow(watcher, row);
      this.#watch(watcher, `s${id}`);
    }
    this.flush(session);
    return true;
  }

  /** Tells a client all that waits for it: to be called before anything else that it is sent. */
  flush(session: ClientSession): void {
    const watcher = this.#watchers.get(session);
    if (watcher !== undefined && this.#due.delete(watcher)) this.#tell(watcher);
  }

  /** The rows whose names begin like this, as many as fit. */
  find(query: number, start: string, most: number): LinkNoticeOf<"found"> {
    const rows = [];
    let bytes = 0;
    const key = nameKey(start);
    for (const { add } of key.length < 2 ? [] : this.#index?.beginningWith(key) ?? []) {
      bytes += add.length + 4;
      if (
        rows.length >= Math.min(most, serverLimits.foundRows) || bytes > serverLimits.foundBytes
      ) {
        break;
      }
      rows.push(entryInAdd(add));
    }
    return { type: "found", query, rows };
  }

  /** A row is new. */
  added(add: Uint8Array): void {
    const row = this.#index?.put(add);
    if (row === undefined) return;
    for (const watcher of this.#watchersOf(row)) this.#add(watcher, add);
  }

  /** A row has changed. */
  changed(add: Uint8Array, change: Uint8Array): void {
    const row = this.#index?.put(add);
    if (row === undefined) return;
    for (const watcher of this.#watchersOf(row)) this.#add(watcher, change);
  }

  /** A row is gone. */
  deleted(session: Uint8Array): void {
    const row = this.#index?.delete(session.toHex());
    if (row === undefined) return;
    const update = encodeLinkUpdate({ type: "delete", session });
    for (const watcher of this.#watchersOf(row)) this.#add(watcher, update);
  }

  #watchersOf(row: IndexedRow): Iterable<Watcher> {
    const sets = keysOf(row).flatMap((key) => this.#items.get(key)?.watchers ?? []);
    return sets.length < 2 ? sets[0] ?? [] : new Set(sets.flatMap((watchers) => [...watchers]));
  }

  /** Whether a client watches anything that a row has. */
  #isTold(watcher: Watcher, row: IndexedRow): boolean {
    return keysOf(row).some((key) => this.#items.get(key)?.watchers.has(watcher) === true);
  }

  *#rowsOf(item: string): Generator<IndexedRow, void> {
    const index = this.#index;
    const key = item.slice(1);
    if (index === undefined) return;
    if (item.startsWith("i")) return yield* index.ofIdentity(key);
    if (item.startsWith("n")) return yield* index.ofName(key);
    const row = index.get(key);
    if (row !== undefined) yield row;
  }

  #watch(watcher: Watcher, key: string): void {
    const item = this.#items.getOrInsertComputed(key, () => ({ key, watchers: new Set() }));
    item.watchers.add(watcher);
    watcher.items.add(item);
  }

  #unwatch(watcher: Watcher, item: Item): void {
    watcher.items.delete(item);
    item.watchers.delete(watcher);
    if (item.watchers.size === 0) this.#items.delete(item.key);
  }

  /** Tells a client of a row, unless it has been told by another item. */
  #tellRow(watcher: Watcher, row: IndexedRow): void {
    if (!this.#isTold(watcher, row)) this.#add(watcher, row.add);
  }

  /** Tells a client at the end of this turn, or before anything else that it is sent. */
  #add(watcher: Watcher, update: Uint8Array): void {
    watcher.waiting.push(update);
    if (this.#due.size === 0) setImmediate(() => this.#tellAll());
    this.#due.add(watcher);
  }

  #tellAll(): void {
    const due = [...this.#due];
    this.#due.clear();
    for (const watcher of due) this.#tell(watcher);
  }

  #tell(watcher: Watcher): void {
    const updates = watcher.waiting;
    watcher.waiting = [];
    watcher.session.send({ type: "updates", updates });
  }
}

/** All items that a row belongs to. */
function keysOf({ session, identity, name }: IndexedRow): string[] {
  return identity === ""
    ? [`s${session}`, `n${name}`]
    : [`s${session}`, `i${identity}`, `n${name}`];
}
