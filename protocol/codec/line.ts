/** Lines of text: UTF-8, ended by `\n` (`\r\n` accepted), Windows-1252 if it is not UTF-8. */

import type { Decoder } from "./decoder.ts";
import { ProtocolError } from "../errors.ts";
import { limits } from "../limits.ts";

const LF = 0x0a;
const CR = 0x0d;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const windows1252 = new TextDecoder("windows-1252");
const encoder = new TextEncoder();

/**
 * The bytes of one line, its `\n` included.
 *
 * @param text one line of text, without `\n`, at most 64 KiB as UTF-8
 * @throws {RangeError} if the text holds a `\n` or is too long
 *
 * @example
 * ```ts
 * import { encodeLine } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodeLine("é"), new Uint8Array([0xc3, 0xa9, 0x0a]));
 * ```
 */
export function encodeLine(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\n")) throw new RangeError("expected one line, got a text with line breaks");
  const bytes = encoder.encode(text + "\n");
  if (bytes.length - 1 > limits.lineBytes) {
    throw new RangeError(
      `expected a line of at most ${limits.lineBytes} bytes, got ${bytes.length - 1}`,
    );
  }
  return bytes;
}

/**
 * Cuts bytes into lines, however they arrive; a line is decoded whole, so that no character is
 * broken. A line that is not valid UTF-8 (RFC 3629) is read as Windows-1252, as the WHATWG Encoding
 * Standard has it, which gives every byte a meaning.
 *
 * @example
 * ```ts
 * import { LineDecoder } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const decoder = new LineDecoder();
 * assertEquals([...decoder.push(new Uint8Array([0x61, 0xc3]))], []);
 * assertEquals([...decoder.push(new Uint8Array([0xa9, 0x0d, 0x0a]))], ["aé"]);
 * assertEquals([...decoder.push(new Uint8Array([0xe9, 0x0a]))], ["é"]);
 * ```
 */
export class LineDecoder implements Decoder<string> {
  readonly #limit: number;
  /** The line under way; `#have` bytes of the buffer are its own. */
  #line = new Uint8Array(0);
  #have = 0;

  /** Accepts lines of at most `limit` bytes, without their ends. */
  constructor(limit: number = limits.lineBytes) {
    this.#limit = limit;
  }

  /**
   * Yields each line that the chunk completes, without its line end.
   *
   * @throws {ProtocolError} `line-too-long`
   */
  *push(chunk: Uint8Array): Generator<string, void> {
    for (let at = 0; at < chunk.length;) {
      const end = chunk.indexOf(LF, at);
      const piece = chunk.subarray(at, end < 0 ? chunk.length : end);
      // A `\r` at the end may turn out to be half of the line's end.
      if (this.#have + piece.length > this.#limit + 1) throw this.#tooLong();
      if (end < 0) return this.#keep(piece);
      at = end + 1;
      yield this.#take(piece);
    }
  }

  /**
   * Signals the end of the bytes.
   *
   * @throws {ProtocolError} `truncated` in the middle of a line
   */
  end(): void {
    if (this.#have > 0) {
      throw new ProtocolError(
        "truncated",
        `expected a line's end, got ${this.#have} bytes and the end`,
      );
    }
  }

  #keep(piece: Uint8Array): void {
    const length = this.#have + piece.length;
    if (length > this.#line.length) {
      const grown = new Uint8Array(Math.max(length, this.#line.length * 2, 128));
      grown.set(this.#line.subarray(0, this.#have));
      this.#line = grown;
    }
    this.#line.set(piece, this.#have);
    this.#have = length;
  }

  #take(piece: Uint8Array): string {
    let line = piece;
    if (this.#have > 0) {
      this.#keep(piece);
      line = this.#line.subarray(0, this.#have);
      this.#line = new Uint8Array(0);
      this.#have = 0;
    }
    if (line.at(-1) === CR) line = line.subarray(0, -1);
    if (line.length > this.#limit) throw this.#tooLong();
    try {
      return utf8.decode(line);
    } catch {
      return windows1252.decode(line);
    }
  }

  #tooLong(): ProtocolError {
    return new ProtocolError(
      "line-too-long",
      `expected a line of at most ${this.#limit} bytes, got a longer one`,
    );
  }
}
