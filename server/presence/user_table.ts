import { deleteOfAdd } from "../../protocol/mod.ts";

/**
 * Who is online. An entry belongs to its connection: names and addresses may repeat. Entries are
 * kept as the bytes of their Add, in the order in which they came.
 *
 * @typeParam Owner what an entry belongs to, compared by identity
 */
export class OnlineTable<Owner extends object> {
  readonly #adds = new Map<Owner, Uint8Array>();
  /** All Adds in one buffer, of which `#length` bytes count; undefined once a logout spoiled it. */
  #buffer: Uint8Array | undefined = new Uint8Array(0);
  #length = 0;
  /** How many of these bytes are no Adds. */
  #changes = 0;

  /** How many are online. */
  get size(): number {
    return this.#adds.size;
  }

  /** Puts an entry in, as the bytes of its Add. */
  add(owner: Owner, add: Uint8Array): void {
    this.#adds.set(owner, add);
    if (this.#buffer !== undefined) this.#append(this.#buffer, add);
  }

  /**
   * Puts other bytes in the place of an owner's Add. Who is handed the table is told of it by the
   * change that the others are told too, behind all Adds, so that one change does not spoil it.
   */
  change(owner: Owner, add: Uint8Array, change: Uint8Array): void {
    this.#adds.set(owner, add);
    this.#changes += change.length;
    // As many changes as Adds: a table made anew is half as long.
    if (this.#changes * 2 > this.#length) this.#buffer = undefined;
    if (this.#buffer !== undefined) this.#append(this.#buffer, change);
  }

  /** Takes an owner's entry out and returns the Delete to tell the others; undefined without one. */
  delete(owner: Owner): Uint8Array | undefined {
    const add = this.#adds.get(owner);
    if (add === undefined) return undefined;
    this.#adds.delete(owner);
    this.#buffer = undefined;
    return deleteOfAdd(add);
  }

  /** The entire table, an Add each and changes of some, as bytes that never change: one buffer serves many logins. */
  bytes(): Uint8Array {
    if (this.#buffer === undefined) {
      this.#length = 0;
      this.#changes = 0;
      this.#buffer = new Uint8Array(0);
      for (const add of this.#adds.values()) this.#append(this.#buffer, add);
    }
    return this.#buffer.subarray(0, this.#length);
  }

  /** Appends behind what has been handed out, in the same buffer where it has room. */
  #append(buffer: Uint8Array, add: Uint8Array): void {
    if (this.#length + add.length > buffer.length) {
      this.#buffer = new Uint8Array(Math.max(1024, (this.#length + add.length) * 2));
      this.#buffer.set(buffer.subarray(0, this.#length));
    }
    this.#buffer?.set(add, this.#length);
    this.#length += add.length;
  }
}
