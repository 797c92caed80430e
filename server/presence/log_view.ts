/** The part of a log that a client reads: bytes by their offset, counted from the first byte ever. */
export interface LogWindow {
  readonly bytes: Uint8Array;
  /** The offset of the first of these bytes. */
  readonly base: number;
  /** The offset behind the last byte that readers may see. */
  readonly shown: number;
  /** The offset behind the last byte. */
  readonly end: number;
}

/** The readers' side of a log. Slices of it never change. */
export class LogView {
  #window: LogWindow = { bytes: new Uint8Array(0), base: 0, shown: 0, end: 0 };
  /** The latest slice: most clients ask for the same one. */
  #slice: Uint8Array = new Uint8Array(0);
  #sliceFrom = 0;

  /** The offset behind the last byte, shown or not. */
  get end(): number {
    return this.#window.end;
  }

  /** Moves on: all bytes that a reader still needs are in the window. */
  move(window: LogWindow): void {
    this.#window = window;
  }

  /**
   * The bytes from an offset to the last that readers may see, without copying.
   *
   * @param from an offset that the window covers
   * @param limit an offset that the bytes must not go over
   */
  from(from: number, limit = Infinity): Uint8Array {
    const { bytes, base, shown } = this.#window;
    const end = Math.min(limit, Math.max(from, shown));
    const isSame = from === this.#sliceFrom && from + this.#slice.length === end;
    if (!isSame || this.#slice.buffer !== bytes.buffer) {
      this.#slice = bytes.subarray(from - base, end - base);
      this.#sliceFrom = from;
    }
    return this.#slice;
  }
}
