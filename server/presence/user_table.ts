import { deleteOfAdd } from "../../protocol/mod.ts";
import { Segments } from "./segments.ts";

/** A table of this size is made anew after a logout; of a larger one a Delete tells. */
const SMALL_TABLE_BYTES = 64 * 1024;

/**
 * Who is online, as classic clients get it. An entry belongs to its connection: names and addresses may
 * repeat. Entries are stored as the bytes of their Add, in the order of their logins.
 *
 * @typeParam Owner what an entry belongs to, compared by identity
 */
export class OnlineTable<Owner extends object> {
  readonly #adds = new Map<Owner, Uint8Array>();
  /** All Adds, and Deletes of those who left since; undefined if it has to be made anew. */
  #segments: Segments | undefined = new Segments();
  /** How many of these bytes tell of somebody who has left. */
  #stale = 0;

  /** How many are online. */
  get size(): number {
    return this.#adds.size;
  }

  /** Adds an entry as the bytes of its Add. */
  add(owner: Owner, add: Uint8Array): void {
    this.#adds.set(owner, add);
    this.#segments?.append(add);
  }

  /** Removes an owner's entry and returns its Delete for the others; undefined if there is none. */
  delete(owner: Owner): Uint8Array | undefined {
    const add = this.#adds.get(owner);
    if (add === undefined) return undefined;
    this.#adds.delete(owner);
    const update = deleteOfAdd(add);
    this.#stale += add.length + update.length;
    const isWorthKeeping = this.#segments !== undefined &&
      this.#segments.length > SMALL_TABLE_BYTES && this.#stale * 2 < this.#segments.length;
    if (isWorthKeeping) this.#segments?.append(update);
    else this.#segments = undefined;
    return update;
  }

  /** The entire table, as bytes that never change: the same ones serve many logins. */
  segments(): Uint8Array[] {
    if (this.#segments === undefined) {
      this.#stale = 0;
      this.#segments = new Segments();
      for (const add of this.#adds.values()) this.#segments.append(add);
    }
    return this.#segments.list();
  }
}
