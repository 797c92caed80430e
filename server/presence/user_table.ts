import { deleteOfAdd } from "../../protocol/mod.ts";
import { type Allocate, allocateOwn } from "./update_log.ts";

const SEGMENT_BYTES = 64 * 1024;

/** Some Adds, one after the other. */
class Segment<Owner> {
  readonly adds = new Map<Owner, Uint8Array>();
  #length = 0;
  /** The Adds' bytes, with room behind them; undefined after a logout. */
  #buffer: Uint8Array | undefined = new Uint8Array(0);
  readonly #allocate: Allocate;

  constructor(allocate: Allocate) {
    this.#allocate = allocate;
  }

  get length(): number {
    return this.#length;
  }

  add(owner: Owner, add: Uint8Array): void {
    this.adds.set(owner, add);
    this.#length += add.length;
    if (this.#buffer === undefined) return;
    if (this.#buffer.length < this.#length) {
      const larger = this.#allocate(
        Math.max(add.length, Math.min(this.#length * 2, SEGMENT_BYTES)),
      );
      larger.set(this.#buffer.subarray(0, this.#length - add.length));
      this.#buffer = larger;
    }
    this.#buffer.set(add, this.#length - add.length);
  }

  delete(owner: Owner, add: Uint8Array): void {
    this.adds.delete(owner);
    this.#length -= add.length;
    this.#buffer = undefined;
  }

  /** The bytes, which never change. */
  bytes(): Uint8Array {
    if (this.#buffer === undefined) {
      this.#buffer = this.#allocate(this.#length);
      let at = 0;
      for (const add of this.adds.values()) {
        this.#buffer.set(add, at);
        at += add.length;
      }
    }
    return this.#buffer.subarray(0, this.#length);
  }
}

/**
 * Who is online, as classic clients get it. An entry belongs to its connection: names and addresses may
 * repeat. Entries are stored as the bytes of their Add, in segments: a logout changes one of them, so that
 * clients that are sent different tables share most of their memory.
 *
 * @typeParam Owner what an entry belongs to, compared by identity
 */
export class OnlineTable<Owner extends object> {
  readonly #segmentOf = new Map<Owner, Segment<Owner>>();
  readonly #allocate: Allocate;
  #segments: Segment<Owner>[] = [];

  constructor(allocate: Allocate = allocateOwn) {
    this.#allocate = allocate;
  }

  /** How many are online. */
  get size(): number {
    return this.#segmentOf.size;
  }

  /** Every owner with the bytes of its Add, in no order. */
  *entries(): Generator<[Owner, Uint8Array], void> {
    for (const { adds } of this.#segments) yield* adds;
  }

  /** Adds an entry as the bytes of its Add. */
  add(owner: Owner, add: Uint8Array): void {
    let last = this.#segments.at(-1);
    if (last === undefined || last.length + add.length > SEGMENT_BYTES) {
      last = new Segment(this.#allocate);
      this.#segments.push(last);
    }
    last.add(owner, add);
    this.#segmentOf.set(owner, last);
  }

  /** The bytes of an owner's Add; undefined if there is none. */
  find(owner: Owner): Uint8Array | undefined {
    return this.#segmentOf.get(owner)?.adds.get(owner);
  }

  /** Removes an owner's entry and returns its Delete for the others; undefined if there is none. */
  delete(owner: Owner): Uint8Array | undefined {
    const segment = this.#segmentOf.get(owner);
    const add = segment?.adds.get(owner);
    if (segment === undefined || add === undefined) return undefined;
    this.#segmentOf.delete(owner);
    segment.delete(owner, add);
    if (segment.adds.size === 0) this.#segments = this.#segments.filter((one) => one !== segment);
    return deleteOfAdd(add);
  }

  /** The entire table, as bytes that never change: the same ones serve many logins. */
  segments(): Uint8Array[] {
    const length = this.#segments.reduce((length, segment) => length + segment.length, 0);
    if (this.#segments.length > 2 * Math.ceil(length / SEGMENT_BYTES) + 1) this.#pack();
    return this.#segments.map((segment) => segment.bytes());
  }

  /** Fills segments that have become short. */
  #pack(): void {
    const segments = this.#segments;
    this.#segments = [];
    for (const { adds } of segments) {
      for (const [owner, add] of adds) this.add(owner, add);
    }
  }
}
