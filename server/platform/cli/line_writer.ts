import { concat } from "@std/bytes/concat";

/** So much may wait to be read by whoever is at the other end, in bytes. */
const MAX_UNREAD_BYTES = 1024 * 1024;

const encoder = new TextEncoder();

/** What of a file is needed to write to it. */
export interface Sink {
  /** Writes some of the bytes; resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
}

interface Waiting {
  readonly bytes: Uint8Array;
  /** How many lines are lost where it can't be written. */
  readonly lines: number;
}

/**
 * Lines to stdout or stderr, in order. A reader that is slow, or stops, holds up nothing: from some
 * length on lines are dropped, and once it has read the others, one line says how many. What can't
 * be written counts as dropped, and the next line is tried all the same.
 */
export class LineWriter {
  readonly #sink: Sink;
  readonly #note: (dropped: number) => string;
  readonly #most: number;
  #waiting: Waiting[] = [];
  #unread = 0;
  #full = false;
  #dropped = 0;
  #writing: Promise<void> | undefined;

  /**
   * @param sink stdout or stderr
   * @param note the line that says how many were dropped
   * @param most how much may wait to be read, in bytes
   */
  constructor(sink: Sink, note: (dropped: number) => string, most: number = MAX_UNREAD_BYTES) {
    this.#sink = sink;
    this.#note = note;
    this.#most = most;
  }

  /** Writes a line as soon as the reader takes it. */
  line(text: string): void {
    const bytes = encoder.encode(text + "\n");
    this.#full ||= this.#unread + bytes.length > this.#most;
    if (this.#full) {
      this.#dropped++;
      return;
    }
    this.#push({ bytes, lines: 1 });
    this.#writing ??= this.#write();
  }

  /** Resolves once all is written, or after so many milliseconds. */
  async flushed(most: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, most);
    await Promise.race([this.#writing, late]);
    clearTimeout(timer);
  }

  #push(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#unread += waiting.bytes.length;
  }

  async #write(): Promise<void> {
    let failed = false;
    while (this.#waiting.length > 0 || (this.#dropped > 0 && !failed)) {
      if (this.#waiting.length === 0) {
        this.#push({
          bytes: encoder.encode(this.#note(this.#dropped) + "\n"),
          lines: this.#dropped,
        });
        this.#dropped = 0;
      }
      const batch = this.#waiting.splice(0);
      try {
        await this.#writeAll(concat(batch.map(({ bytes }) => bytes)));
        failed = false;
      } catch {
        failed = true; // a full disk, a reader that is gone: there is nowhere to say so
        this.#dropped += batch.reduce((sum, { lines }) => sum + lines, 0);
      }
      this.#unread = this.#waiting.reduce((sum, { bytes }) => sum + bytes.length, 0);
      this.#full &&= this.#dropped > 0 && !failed;
    }
    this.#writing = undefined;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#sink.write(bytes.subarray(at));
  }
}
