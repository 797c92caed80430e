/** The welcome: lines of text that a server sends on connect, closed by one empty line. */

import { type Decoder, LineDecoder } from "../codec/mod.ts";
import { sanitizeText } from "../text/mod.ts";
import { ProtocolError } from "../errors.ts";
import { limits } from "../limits.ts";

const LF = 0x0a;
/** Below this a line's first byte is a block's size byte: some servers send no empty line. */
const TEXT_STARTS = 0x09;
/** How a server's own line begins, which comes after the operator's and is not counted. */
const ANNOUNCEMENT = "MIM/2 ";
const encoder = new TextEncoder();

/**
 * A welcome's bytes. An empty line would end it early and goes out as a single space; control
 * characters go out as {@linkcode sanitizeText} shows them; empty lines at the end are left out.
 *
 * @param text the welcome, any line ends
 * @throws {RangeError} if it has over 64 lines or 8 KiB
 *
 * @example
 * ```ts
 * import { encodeWelcome } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new TextDecoder().decode(encodeWelcome("Hello\n\nthere\n")), "Hello\n \nthere\n\n");
 * ```
 */
export function encodeWelcome(text: string): Uint8Array<ArrayBuffer> {
  const lines = text.trimEnd().split(/\r?\n|\r/).map((line) => sanitizeText(line) || " ");
  const bytes = encoder.encode(lines.map((line) => line + "\n").join("") + "\n");
  if (lines.length > limits.welcomeLines || bytes.length > limits.welcomeBytes) {
    throw new RangeError(
      `expected a welcome of at most ${limits.welcomeLines} lines and ${limits.welcomeBytes} bytes, ` +
        `got ${lines.length} lines and ${bytes.length} bytes`,
    );
  }
  return bytes;
}

/**
 * Reads the welcome off the start of what a server sends. It ends at the first empty line, or just
 * before a line whose first byte is below 0x09. `rest` is what follows it in the last chunk.
 * See protocol/docs/classic.md, "Welcome".
 *
 * @example
 * ```ts
 * import { WelcomeDecoder } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const decoder = new WelcomeDecoder();
 * assertEquals([...decoder.push(new TextEncoder().encode("Hello\n\n\0"))], ["Hello"]);
 * assertEquals(decoder.rest, new Uint8Array([0]));
 * ```
 */
export class WelcomeDecoder implements Decoder<string> {
  readonly #lines = new LineDecoder(limits.welcomeBytes);
  #atLineStart = true;
  #lineCount = 0;
  #byteCount = 0;
  #rest: Uint8Array | undefined;

  /** The bytes after the welcome in the chunk that ended it (a view); undefined until then. */
  get rest(): Uint8Array | undefined {
    return this.#rest;
  }

  /**
   * Yields each line of text that the chunk completes. Push nothing more once `rest` is there.
   *
   * @throws {ProtocolError} `welcome-too-long`
   */
  *push(chunk: Uint8Array): Generator<string, void> {
    for (let at = 0; at < chunk.length;) {
      if (this.#atLineStart && (chunk[at] ?? 0) < TEXT_STARTS) {
        this.#rest = chunk.subarray(at);
        return;
      }
      const end = chunk.indexOf(LF, at) + 1 || chunk.length;
      this.#byteCount += end - at;
      if (this.#byteCount > limits.welcomeBytes) throw this.#tooLong("bytes", limits.welcomeBytes);
      this.#atLineStart = chunk[end - 1] === LF;
      for (const line of this.#lines.push(chunk.subarray(at, end))) {
        if (line === "") {
          this.#rest = chunk.subarray(end);
          return;
        }
        if (!line.startsWith(ANNOUNCEMENT) && ++this.#lineCount > limits.welcomeLines) {
          throw this.#tooLong("lines", limits.welcomeLines);
        }
        yield line;
      }
      at = end;
    }
  }

  /**
   * Signals the end of the bytes.
   *
   * @throws {ProtocolError} `truncated` if the welcome has not ended
   */
  end(): void {
    if (this.#rest === undefined) {
      throw new ProtocolError(
        "truncated",
        "expected the welcome's closing empty line, got the end",
      );
    }
  }

  #tooLong(what: string, limit: number): ProtocolError {
    return new ProtocolError(
      "welcome-too-long",
      `expected a welcome of at most ${limit} ${what}, got more`,
    );
  }
}
