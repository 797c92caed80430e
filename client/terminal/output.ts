import { concat } from "@std/bytes/concat";
import type { Sink } from "../../server/platform/cli/line_writer.ts";

/** So much may wait to be read by whoever is at the other end of stdout, in bytes. */
const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
/** From so much on, whoever can wait with what comes next should. */
const HIGH_WATER_BYTES = 256 * 1024;

const encoder = new TextEncoder();

/** Lines to stdout, in order. A reader that is slow, or stops, holds up nothing else. */
export class Output {
  readonly #sink: Sink;
  readonly #most: number;
  readonly #ended = Promise.withResolvers<Error | undefined>();
  #waiting: Uint8Array[] = [];
  #unread = 0;
  #writing: Promise<void> | undefined;
  #over = false;

  /**
   * @param sink stdout
   * @param most how much may wait to be read, in bytes
   */
  constructor(sink: Sink, most: number = MAX_UNREAD_BYTES) {
    this.#sink = sink;
    this.#most = most;
  }

  /** Resolves where nothing more can be written: to undefined where the reader is gone, or to why. */
  get ended(): Promise<Error | undefined> {
    return this.#ended.promise;
  }

  /** Writes a line as soon as the reader takes it. */
  readonly line = (text: string): void => {
    if (this.#over) return;
    const bytes = encoder.encode(text + "\n");
    this.#waiting.push(bytes);
    this.#unread += bytes.length;
    if (this.#unread > this.#most) {
      return this.#end(new Error(`nobody reads it, and ${this.#unread} bytes wait`));
    }
    this.#writing ??= this.#write();
  };

  /** Resolves once all is written, or nothing can be written any more. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  /** Resolves once not much waits to be read. */
  async ready(): Promise<void> {
    if (this.#unread > HIGH_WATER_BYTES) await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const bytes = concat(this.#waiting.splice(0));
        for (let at = 0; at < bytes.length && !this.#over;) {
          const length = await this.#sink.write(bytes.subarray(at));
          at += length;
          this.#unread -= length;
        }
      }
    } catch (error) {
      const gone = error instanceof Deno.errors.BrokenPipe;
      this.#end(gone ? undefined : error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#writing = undefined;
    }
  }

  #end(why: Error | undefined): void {
    this.#over = true;
    this.#waiting = [];
    this.#ended.resolve(why);
  }
}
