import { concat } from "@std/bytes/concat";

/** The part of stdout or stderr that writes. */
export interface Sink {
  /** Writes some of the bytes; resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** The limit of unread bytes, and the handling of lines beyond it. */
export interface LineWriterOptions {
  /** Default: 16 MiB. */
  readonly maxUnreadBytes?: number;
  /**
   * Words a line about dropped lines. With it, lines that can't be written are dropped; without it,
   * the first of them ends the writer.
   */
  readonly droppedLine?: (count: number) => string;
  /** Default: UTF-8. */
  readonly encode?: ((text: string) => Uint8Array<ArrayBuffer>) | undefined;
}

const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
/** While more than this waits, a producer that can wait should. */
const HIGH_WATER_BYTES = 256 * 1024;

const encoder = new TextEncoder();

/** Writes lines to stdout or stderr, in order. A reader that is slow or stops holds up nothing else. */
export class LineWriter {
  readonly #sink: Sink;
  readonly #maxUnread: number;
  readonly #droppedLine: ((count: number) => string) | undefined;
  readonly #encode: (text: string) => Uint8Array<ArrayBuffer>;
  readonly #ended = Promise.withResolvers<Error | undefined>();
  #isOver = false;
  #waiting: { readonly bytes: Uint8Array; readonly lines: number }[] = [];
  #unread = 0;
  /** Whether lines are dropped until the reader has caught up. */
  #isFull = false;
  #dropped = 0;
  #writing: Promise<void> | undefined;

  constructor(sink: Sink, { maxUnreadBytes, droppedLine, encode }: LineWriterOptions = {}) {
    this.#sink = sink;
    this.#maxUnread = maxUnreadBytes ?? MAX_UNREAD_BYTES;
    this.#droppedLine = droppedLine;
    this.#encode = encode ?? ((text) => encoder.encode(text));
  }

  /**
   * Resolves when nothing more can be written: to undefined if the reader is gone, else to the
   * error. A writer that drops lines never ends.
   */
  get ended(): Promise<Error | undefined> {
    return this.#ended.promise;
  }

  /** Writes a line as soon as the reader takes it. */
  readonly line = (text: string): void => {
    if (this.#isOver) return;
    const bytes = this.#encode(text + "\n");
    const isTooMuch = this.#unread + bytes.length > this.#maxUnread;
    if (isTooMuch && this.#droppedLine === undefined) {
      const waiting = this.#unread + bytes.length;
      return this.#end(new Error(`nobody reads it, and ${waiting} bytes wait`));
    }
    this.#isFull ||= isTooMuch;
    if (this.#isFull) return void this.#dropped++;
    this.#push(bytes, 1);
    this.#writing ??= this.#write();
  };

  /** Resolves once all is written or nothing more can be, or after so many milliseconds. */
  async flushed(timeoutMs?: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
    await Promise.race([this.#writing, late]);
    clearTimeout(timer);
  }

  /** Resolves once little waits to be read. */
  async ready(): Promise<void> {
    if (this.#unread > HIGH_WATER_BYTES) await this.#writing;
  }

  #push(bytes: Uint8Array, lines: number): void {
    this.#waiting.push({ bytes, lines });
    this.#unread += bytes.length;
  }

  async #write(): Promise<void> {
    let failed = false;
    while (this.#waiting.length > 0 || (this.#dropped > 0 && !failed)) {
      if (this.#waiting.length === 0) {
        this.#push(this.#encode(`${this.#droppedLine?.(this.#dropped)}\n`), this.#dropped);
        this.#dropped = 0;
      }
      const batch = this.#waiting.splice(0);
      const bytes = concat(batch.map(({ bytes }) => bytes));
      let written = 0;
      try {
        while (written < bytes.length && !this.#isOver) {
          const length = await this.#sink.write(bytes.subarray(written));
          written += length;
          this.#unread -= length;
        }
        failed = false;
      } catch (error) {
        failed = true;
        if (this.#droppedLine === undefined) this.#end(error);
        else this.#dropped += batch.reduce((sum, { lines }) => sum + lines, 0);
      }
      this.#unread -= bytes.length - written;
      this.#isFull &&= this.#dropped > 0 && !failed;
    }
    this.#writing = undefined;
  }

  #end(error: unknown): void {
    this.#isOver = true;
    this.#waiting = [];
    const isGone = error instanceof Deno.errors.BrokenPipe;
    this.#ended.resolve(
      isGone ? undefined : error instanceof Error ? error : new Error(`${error}`),
    );
  }
}
