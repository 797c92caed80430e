import { LogView, type LogWindow } from "./log_view.ts";

const MIN_CAPACITY = 64 * 1024;

/** Makes room for so many bytes. */
export type Allocate = (length: number) => Uint8Array;

/** In memory of this thread alone. */
export function allocateOwn(length: number): Uint8Array {
  return new Uint8Array(length);
}

/** In memory that all threads of the program share. */
export function allocateShared(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

/**
 * One log of bytes that many clients read, each at its own pace: every update is encoded and stored
 * once, and a client is only an offset into the log. Offsets count from the first byte ever and don't
 * change when bytes that no client needs are dropped.
 *
 * Slices of the log never change: its bytes are never overwritten, only left behind.
 */
export class UpdateLog {
  /** The readers' view of the log. */
  readonly view = new LogView();
  readonly #oldestNeeded: () => number;
  readonly #allocate: Allocate;
  #buffer: Uint8Array;
  /** The offset of the buffer's first byte. */
  #base = 0;
  #end = 0;
  /** The offset after the last byte that readers may see. */
  #shown = 0;

  /** @param oldestNeeded the smallest offset that any reader still needs (Infinity without readers) */
  constructor(oldestNeeded: () => number, allocate: Allocate = allocateOwn) {
    this.#oldestNeeded = oldestNeeded;
    this.#allocate = allocate;
    this.#buffer = allocate(MIN_CAPACITY);
    this.#moveView();
  }

  /** The offset after the last byte. */
  get end(): number {
    return this.#end;
  }

  /** Bytes of memory held. */
  get capacity(): number {
    return this.#buffer.length;
  }

  /** The state that another thread needs to read the log. */
  get window(): LogWindow {
    return { bytes: this.#buffer, base: this.#base, shown: this.#shown, end: this.#end };
  }

  /** Appends bytes, which readers do not see yet. */
  append(bytes: Uint8Array): void {
    if (this.#end - this.#base + bytes.length > this.#buffer.length) this.#move(bytes.length);
    this.#buffer.set(bytes, this.#end - this.#base);
    this.#end += bytes.length;
    this.#moveView();
  }

  /** Lets readers see all that was appended. */
  show(): void {
    this.#shown = this.#end;
    this.#moveView();
  }

  /** Returns memory if much more is held than needed. */
  trim(): void {
    if (this.#buffer.length > MIN_CAPACITY && this.#needed() * 4 < this.#buffer.length) {
      this.#move(0);
      this.#moveView();
    }
  }

  #needed(): number {
    return this.#end - Math.min(this.#oldestNeeded(), this.#end);
  }

  #moveView(): void {
    this.view.move(this.window);
  }

  /** Moves the needed bytes to a new buffer, with room for twice as many and for `more`. */
  #move(more: number): void {
    const needed = this.#needed();
    const buffer = this.#allocate(Math.max(MIN_CAPACITY, (needed + more) * 2));
    const kept = this.#buffer.subarray(this.#end - needed - this.#base, this.#end - this.#base);
    buffer.set(kept);
    this.#buffer = buffer;
    this.#base = this.#end - needed;
  }
}
