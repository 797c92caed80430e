import { deleteOfAdd } from "../../protocol/mod.ts";

/**
 * Who is online. An entry belongs to its connection: names and addresses may repeat. Entries are
 * stored as the bytes of their Add, in the order of their logins.
 *
 * @typeParam Owner what an entry belongs to, compared by identity
 */
export class OnlineTable<Owner extends object> {
  readonly #adds = new Map<Owner, Uint8Array>();
  /** All Adds in one buffer, of which `#length` bytes are used; undefined after a logout. */
  #buffer: Uint8Array | undefined = new Uint8Array(0);
  #length = 0;
  /** How many of these bytes are changes, not Adds. */
  #changes = 0;

  /** How many are online. */
  get size(): number {
    return this.#adds.size;
  }

  /** Adds an entry as the bytes of its Add. */
  add(owner: Owner, add: Uint8Array): void {
    this.#adds.set(owner, add);
    if (this.#buffer !== undefined) this.#append(this.#buffer, add);
  }

  /**
   * Replaces the Add of an owner. The buffered table gets the change appended, as the others are told,
   * so that one change does not invalidate it.
   */
  change(owner: Owner, add: Uint8Array, change: Uint8Array): void {
    this.#adds.set(owner, add);
    this.#changes += change.length;
    // More changes than Adds: a new table is half as long.
    if (this.#changes * 2 > this.#length) this.#buffer = undefined;
    if (this.#buffer !== undefined) this.#append(this.#buffer, change);
  }

  /** Removes an owner's entry and returns its Delete for the others; undefined if there is none. */
  delete(owner: Owner): Uint8Array | undefined {
    const add = this.#adds.get(owner);
    if (add === undefined) return undefined;
    this.#adds.delete(owner);
    this.#buffer = undefined;
    return deleteOfAdd(add);
  }

  /** The entire table, Adds and changes, as bytes that never change: one buffer serves many logins. */
  bytes(): Uint8Array {
    if (this.#buffer === undefined) {
      this.#length = 0;
      this.#changes = 0;
      this.#buffer = new Uint8Array(0);
      for (const add of this.#adds.values()) this.#append(this.#buffer, add);
    }
    return this.#buffer.subarray(0, this.#length);
  }

  /** Appends after the bytes in use, in the same buffer if it has room. */
  #append(buffer: Uint8Array, add: Uint8Array): void {
    if (this.#length + add.length > buffer.length) {
      this.#buffer = new Uint8Array(Math.max(1024, (this.#length + add.length) * 2));
      this.#buffer.set(buffer.subarray(0, this.#length));
    }
    this.#buffer?.set(add, this.#length);
    this.#length += add.length;
  }
}
