import { setImmediate } from "node:timers";
import {
  encodeLinkUpdate,
  type LinkNoticeOf,
  nameKey,
  type WatchedItem,
} from "../../protocol/mod.ts";
import { serverLimits } from "../limits.ts";
import type { ClientSession } from "../session/mod.ts";
import { entryInAdd, type IndexedRow, RowIndex } from "./row_index.ts";

/** A client with the items that it watches, and the rows that it was told. */
class Watcher {
  readonly session: ClientSession;
  /** Of sessions, keys and names, each with a letter before it. */
  readonly items = new Set<string>();
  readonly told = new Set<string>();
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
  readonly #byItem = new Map<string, Set<Watcher>>();
  /** Undefined without watchers. */
  #index: RowIndex | undefined;
  #isTellingDue = false;

  /** @param rows the Adds of all rows */
  constructor(rows: () => Iterable<Uint8Array>) {
    this.#rows = rows;
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
    const row = this.#index.get(id);
    watcher.told.add(id);
    return row?.add;
  }

  /** A client watches no more. */
  leave(session: ClientSession): void {
    const watcher = this.#watchers.get(session);
    if (watcher === undefined) return;
    this.#watchers.delete(session);
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
    for (const item of items.map(itemOf)) {
      if (!isOn) {
        this.#unwatch(watcher, item);
        continue;
      }
      if (watcher.items.size >= serverLimits.watchedItems) return watcher.items.has(item);
      this.#watch(watcher, item);
      for (const row of this.#rowsOf(item)) this.#tellRow(watcher, row);
    }
    if (!isOn) this.#forgetUnwatched(watcher);
    return true;
  }

  /** Tells a client of a row that another one will speak of. */
  introduce(session: ClientSession, id: string): void {
    const watcher = this.#watchers.get(session);
    const row = this.#index?.get(id);
    if (watcher !== undefined && row !== undefined) this.#tellRow(watcher, row);
    this.#tell();
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
    for (const watcher of this.#watchersOf(row)) this.#tellRow(watcher, row);
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
    for (const watcher of this.#watchers.values()) {
      if (watcher.told.delete(row.session)) this.#add(watcher, update);
    }
  }

  #watchersOf({ session, identity, name }: IndexedRow): Set<Watcher> {
    const all = new Set<Watcher>();
    for (const item of [`s${session}`, `i${identity}`, `n${name}`]) {
      for (const watcher of this.#byItem.get(item) ?? []) all.add(watcher);
    }
    return all;
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

  #watch(watcher: Watcher, item: string): void {
    watcher.items.add(item);
    this.#byItem.getOrInsertComputed(item, () => new Set()).add(watcher);
  }

  #unwatch(watcher: Watcher, item: string): void {
    watcher.items.delete(item);
    const watchers = this.#byItem.get(item);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.#byItem.delete(item);
  }

  #forgetUnwatched(watcher: Watcher): void {
    for (const id of watcher.told) {
      const row = this.#index?.get(id);
      if (row === undefined || !this.#watchersOf(row).has(watcher)) watcher.told.delete(id);
    }
  }

  #tellRow(watcher: Watcher, row: IndexedRow): void {
    if (watcher.told.has(row.session)) return;
    watcher.told.add(row.session);
    this.#add(watcher, row.add);
  }

  /** Tells a client at the end of this turn, or before anything else that it is sent. */
  #add(watcher: Watcher, update: Uint8Array): void {
    watcher.waiting.push(update);
    if (this.#isTellingDue) return;
    this.#isTellingDue = true;
    setImmediate(() => this.#tell());
  }

  #tell(): void {
    this.#isTellingDue = false;
    for (const watcher of this.#watchers.values()) {
      if (watcher.waiting.length === 0) continue;
      watcher.session.send({ type: "updates", updates: watcher.waiting });
      watcher.waiting = [];
    }
  }
}

function itemOf(item: WatchedItem): string {
  switch (item.type) {
    case "identity":
      return `i${item.identity.toHex()}`;
    case "session":
      return `s${item.session.toHex()}`;
    case "name":
      return `n${nameKey(item.name)}`;
  }
}
