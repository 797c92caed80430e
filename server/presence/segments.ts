import { type Allocate, allocateOwn } from "./update_log.ts";

const MIN_BYTES = 4 * 1024;
const FIRST_BYTES = 256 * 1024;
const MAX_BYTES = 1024 * 1024;

/**
 * Bytes that only grow, in segments, the first of 256 KiB and the others of 1 MiB, that many clients are sent at the same time. What
 * was handed out never changes, and a segment that is full is never copied.
 */
export class Segments {
  readonly #full: Uint8Array[] = [];
  readonly #allocate: Allocate;
  #last: Uint8Array;
  #used = 0;
  #length = 0;

  constructor(allocate: Allocate = allocateOwn) {
    this.#allocate = allocate;
    this.#last = allocate(MIN_BYTES);
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Appends bytes, which stay in one piece. */
  append(bytes: Uint8Array): void {
    const needed = this.#used + bytes.length;
    const most = this.#full.length === 0 ? FIRST_BYTES : MAX_BYTES;
    if (needed > most && this.#used > 0) {
      this.#full.push(this.#last.subarray(0, this.#used));
      this.#last = this.#allocate(Math.max(MIN_BYTES, bytes.length));
      this.#used = 0;
    } else if (needed > this.#last.length) {
      const larger = this.#allocate(Math.max(needed, Math.min(needed * 2, most)));
      larger.set(this.#last.subarray(0, this.#used));
      this.#last = larger;
    }
    this.#last.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#length += bytes.length;
  }

  /** All bytes so far, as views. */
  list(): Uint8Array[] {
    return this.#used === 0 ? [...this.#full] : [...this.#full, this.#last.subarray(0, this.#used)];
  }
}
