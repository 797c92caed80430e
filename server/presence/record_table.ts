import { setImmediate } from "node:timers";
import { type RecordSealer, Sha256 } from "../../protocol/mod.ts";
import { Segments } from "./segments.ts";
import { type Allocate, allocateOwn } from "./update_log.ts";

/** Up to so many bytes it matters little what was appended: sealing few rows anew costs less than to send more. */
const SMALL_BYTES = 4 * 1024;
/** A table is sealed anew once more than this part of it was appended or is outdated. */
const LOOSE_RATIO = 0.25;
/** For so long at a time the rows of a fresh table are sealed. */
const SEALING_SLICE_MS = 5;

/** The sealed rows of a table, in the order in which they are sent. */
class SealedRows {
  readonly #sealer: RecordSealer;
  readonly #hash = new Sha256();
  readonly #segments: Segments;
  /** Updates that are sealed when the table is needed. */
  #pending: Uint8Array[] = [];
  #looseBytes = 0;

  constructor(sealer: RecordSealer, allocate: Allocate) {
    this.#sealer = sealer;
    this.#segments = new Segments(allocate);
  }

  /** Whether so much was appended, in records of its own, or is outdated that a fresh table is better. */
  get isLoose(): boolean {
    return this.#looseBytes > Math.max(SMALL_BYTES, this.#segments.length * LOOSE_RATIO);
  }

  /** Seals rows, a block at a time. */
  *seal(updates: Iterable<Uint8Array>): Generator<void, void> {
    for (const block of this.#sealer.sealTable(updates)) {
      this.#hash.update(block);
      this.#segments.append(block);
      yield;
    }
  }

  /** @param staleBytes how many bytes the update makes outdated */
  append(update: Uint8Array, staleBytes: number): void {
    this.#pending.push(update);
    this.#looseBytes += update.length + staleBytes;
  }

  /** All blocks, and their hash. */
  contents(): { readonly segments: Uint8Array[]; readonly tableHash: Uint8Array } {
    for (const _ of this.seal(this.#pending.splice(0)));
    return { segments: this.#segments.list(), tableHash: this.#hash.digest() };
  }
}

/**
 * Who is online, as MIM/2 clients get it: each row as the plain Add, and all of them sealed for an epoch.
 * Changes are sealed behind them, so that a login seals little; once a part of it is loose, a
 * fresh one is sealed, a little at a time, while the old one still serves.
 *
 * @typeParam Owner what a row belongs to, compared by identity
 */
export class RecordTable<Owner extends object> {
  readonly #rows = new Map<Owner, Uint8Array>();
  readonly #allocate: Allocate;
  #sealer: RecordSealer;
  #sealed: SealedRows;
  /** The table that is to replace it. */
  #fresh: SealedRows | undefined;

  /** @param sealer the first epoch's */
  constructor(sealer: RecordSealer, allocate: Allocate = allocateOwn) {
    this.#sealer = sealer;
    this.#allocate = allocate;
    this.#sealed = new SealedRows(sealer, allocate);
  }

  /** The Adds of all rows. */
  get rows(): Iterable<Uint8Array> {
    return this.#rows.values();
  }

  /** How many rows it has. */
  get size(): number {
    return this.#rows.size;
  }

  /**
   * Adds or replaces an owner's row.
   *
   * @param row its Add
   * @param update what clients are told: the Add, or a change
   */
  put(owner: Owner, row: Uint8Array, update = row): void {
    const isNew = this.#rows.get(owner) === undefined;
    this.#rows.set(owner, row);
    this.#append(update, isNew ? 0 : update.length);
  }

  /**
   * Removes an owner's row.
   *
   * @param update the Delete
   * @returns false if there is none
   */
  delete(owner: Owner, update: Uint8Array): boolean {
    const row = this.#rows.get(owner);
    if (row === undefined) return false;
    this.#rows.delete(owner);
    this.#append(update, row.length + update.length);
    return true;
  }

  /** The table as blocks that never change and serve many logins, and the hash of them all. */
  contents(): { readonly segments: Uint8Array[]; readonly tableHash: Uint8Array } {
    return this.#sealed.contents();
  }

  /**
   * Seals a fresh table, which takes the place of the present one unless another is begun meanwhile.
   * Never rejects.
   *
   * @param onReady is called just before
   */
  async renew(sealer: RecordSealer, onReady: () => void = () => {}): Promise<void> {
    const fresh = this.#fresh = new SealedRows(sealer, this.#allocate);
    let start = performance.now();
    for (const _ of fresh.seal([...this.#rows.values()])) {
      if (performance.now() - start < SEALING_SLICE_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#fresh !== fresh) return;
      start = performance.now();
    }
    onReady();
    this.#sealer = sealer;
    this.#sealed = fresh;
    this.#fresh = undefined;
  }

  #append(update: Uint8Array, staleBytes: number): void {
    this.#sealed.append(update, staleBytes);
    this.#fresh?.append(update, staleBytes);
    if (this.#sealed.isLoose && this.#fresh === undefined) void this.renew(this.#sealer);
  }
}
