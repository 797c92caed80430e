const LF = 0x0a;
const CR = 0x0d;
/** Below this a line's first byte is a block's size byte. */
const TEXT_STARTS = 0x09;
const ADD = 0x41;
const DELETE = 0x44;
/** A block's size field and the type behind it. */
const HEAD = 3;

/** How many updates came, of all connections together. */
export interface Count {
  /** Adds. */
  adds: number;
  /** Deletes. */
  deletes: number;
}

/**
 * Counts the Adds and Deletes that a server sends over one connection, looking at no more than the
 * first three bytes of each block: a load generator must not be slower than what it measures.
 */
export class UpdateCounter {
  readonly #count: Count;
  #inWelcome = true;
  #atLineStart = true;
  /** Bytes of the block's head that came in earlier chunks, and how many. */
  #head = 0;
  #headBytes = 0;
  /** Bytes of the block under way that are still to come. */
  #skip = 0;

  /** @param count what is counted up; one object serves many connections */
  constructor(count: Count) {
    this.#count = count;
  }

  /**
   * Takes the first `length` bytes of a buffer, which may be used again at once.
   *
   * @throws {SyntaxError} for a block that is none of a server's; for a refusal too
   */
  push(buffer: Uint8Array, length: number): void {
    let at = this.#inWelcome ? this.#endOfWelcome(buffer, length) : 0;
    for (;;) {
      const skipped = Math.min(this.#skip, length - at);
      this.#skip -= skipped;
      at += skipped;
      if (at === length) return;
      this.#head = this.#head << 8 | (buffer[at++] ?? 0);
      if (++this.#headBytes === HEAD) this.#startBlock();
    }
  }

  #startBlock(): void {
    const type = this.#head & 0xff;
    if (type === ADD) this.#count.adds++;
    else if (type === DELETE) this.#count.deletes++;
    else {
      throw new SyntaxError(`expected a block of type 65 (A) or 68 (D), got ${type}`);
    }
    this.#skip = (this.#head >> 8) - 1;
    this.#head = 0;
    this.#headBytes = 0;
  }

  /** Reads on in the welcome and returns where the blocks start: behind the chunk, most likely. */
  #endOfWelcome(buffer: Uint8Array, length: number): number {
    for (let at = 0; at < length; at++) {
      const byte = buffer[at] ?? 0;
      const ends = this.#atLineStart && (byte === LF || byte < TEXT_STARTS);
      if (ends) {
        this.#inWelcome = false;
        return byte === LF ? at + 1 : at;
      }
      if (byte !== CR) this.#atLineStart = byte === LF;
    }
    return length;
  }
}
