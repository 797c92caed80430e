import { decodeLinkUpdate, type LinkEntry, nameKey } from "../../protocol/mod.ts";

/** A row of the table, as it is found. */
export interface IndexedRow {
  /** Its session, in hex digits. */
  readonly session: string;
  /** Its key, in hex digits; empty without one. */
  readonly identity: string;
  /** Its name as names are compared. */
  readonly name: string;
  /** Its Add. */
  add: Uint8Array;
}

/** The rows of the table by session, key and name. */
export class RowIndex {
  readonly #bySession = new Map<string, IndexedRow>();
  readonly #byIdentity = new Map<string, Set<IndexedRow>>();
  readonly #byName = new Map<string, Set<IndexedRow>>();
  /** All names, each once, in ascending order. */
  readonly #names: string[] = [];

  /** Adds a row, or replaces its Add. */
  put(add: Uint8Array): IndexedRow {
    const entry = entryInAdd(add);
    const session = entry.session.toHex();
    const before = this.#bySession.get(session);
    if (before !== undefined) {
      before.add = add;
      return before;
    }
    const row = { session, identity: entry.identity.toHex(), name: nameKey(entry.name), add };
    this.#bySession.set(session, row);
    this.#byIdentity.getOrInsertComputed(row.identity, () => new Set()).add(row);
    if (!this.#byName.has(row.name)) this.#names.splice(this.#placeOf(row.name), 0, row.name);
    this.#byName.getOrInsertComputed(row.name, () => new Set()).add(row);
    return row;
  }

  /** Removes a session's row and returns it. */
  delete(session: string): IndexedRow | undefined {
    const row = this.#bySession.get(session);
    if (row === undefined) return undefined;
    this.#bySession.delete(session);
    remove(this.#byIdentity, row.identity, row);
    remove(this.#byName, row.name, row);
    if (!this.#byName.has(row.name)) this.#names.splice(this.#placeOf(row.name), 1);
    return row;
  }

  /** The row of a session. */
  get(session: string): IndexedRow | undefined {
    return this.#bySession.get(session);
  }

  /** The rows of a key. */
  ofIdentity(identity: string): Iterable<IndexedRow> {
    return identity === "" ? [] : this.#byIdentity.get(identity) ?? [];
  }

  /** The rows of a name. */
  ofName(name: string): Iterable<IndexedRow> {
    return this.#byName.get(name) ?? [];
  }

  /** The rows whose names begin like this, in the order of names. */
  *beginningWith(start: string): Generator<IndexedRow, void> {
    for (let at = this.#placeOf(start); at < this.#names.length; at++) {
      const name = this.#names[at] ?? "";
      if (!name.startsWith(start)) return;
      yield* this.ofName(name);
    }
  }

  /** The index of a name, or the one where it would be inserted. */
  #placeOf(name: string): number {
    let low = 0;
    for (let high = this.#names.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((this.#names[middle] ?? "") < name) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The row in the bytes of an Add. */
export function entryInAdd(add: Uint8Array): LinkEntry {
  const update = decodeLinkUpdate(add);
  if (update?.type !== "add") throw new TypeError("expected an Add");
  return update.entry;
}

function remove(
  index: Map<string, Set<IndexedRow>>,
  key: string,
  row: IndexedRow,
): void {
  const rows = index.get(key);
  rows?.delete(row);
  if (rows?.size === 0) index.delete(key);
}
