const MIN_CAPACITY = 64 * 1024;

/**
 * One log of bytes that many clients read, each at its own pace: every update is encoded and stored
 * once, and a client is only an offset into the log. Offsets count from the first byte ever and don't
 * change when bytes that no client needs are dropped.
 *
 * Slices of the log never change: its bytes are never overwritten, only left behind.
 */
export class UpdateLog {
  readonly #oldestNeeded: () => number;
  #buffer = new Uint8Array(MIN_CAPACITY);
  /** The offset of the buffer's first byte. */
  #base = 0;
  #end = 0;
  /** The offset after the last byte that readers may see. */
  #shown = 0;
  /** The latest slice: most clients ask for the same one. */
  #slice = new Uint8Array(0);
  #sliceFrom = 0;

  /** @param oldestNeeded the smallest offset that any reader still needs (Infinity without readers) */
  constructor(oldestNeeded: () => number) {
    this.#oldestNeeded = oldestNeeded;
  }

  /** The offset after the last byte. */
  get end(): number {
    return this.#end;
  }

  /** Bytes of memory held. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** Appends bytes, which readers do not see yet. */
  append(bytes: Uint8Array): void {
    if (this.#end - this.#base + bytes.length > this.#buffer.length) this.#move(bytes.length);
    this.#buffer.set(bytes, this.#end - this.#base);
    this.#end += bytes.length;
  }

  /** Lets readers see all that was appended. */
  show(): void {
    this.#shown = this.#end;
  }

  /**
   * The bytes from an offset to the last that readers may see, without copying.
   *
   * @param from an offset that `oldestNeeded` still covers
   * @param limit an offset that the bytes must not go over
   */
  from(from: number, limit = Infinity): Uint8Array {
    const end = Math.min(limit, Math.max(from, this.#shown));
    if (from !== this.#sliceFrom || from + this.#slice.length !== end) {
      this.#slice = this.#buffer.subarray(from - this.#base, end - this.#base);
      this.#sliceFrom = from;
    }
    return this.#slice;
  }

  /** Returns memory if much more is held than needed. */
  trim(): void {
    if (this.#buffer.length > MIN_CAPACITY && this.#needed() * 4 < this.#buffer.length) {
      this.#move(0);
    }
  }

  #needed(): number {
    return this.#end - Math.min(this.#oldestNeeded(), this.#end);
  }

  /** Moves the needed bytes to a new buffer, with room for twice as many and for `more`. */
  #move(more: number): void {
    const needed = this.#needed();
    const buffer = new Uint8Array(Math.max(MIN_CAPACITY, (needed + more) * 2));
    const kept = this.#buffer.subarray(this.#end - needed - this.#base, this.#end - this.#base);
    buffer.set(kept);
    this.#buffer = buffer;
    this.#base = this.#end - needed;
    this.#slice = new Uint8Array(0);
    this.#sliceFrom = this.#end;
  }
}
