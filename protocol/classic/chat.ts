/** Classic chat between two peers: the caller's name, then lines of text both ways. */

import { type Decoder, LineDecoder } from "../codec/mod.ts";
import { ProtocolError } from "../errors.ts";
import { limits } from "../limits.ts";

/** A message of a peer. Not yet safe to print: see {@linkcode sanitizeText}. */
export type ChatMessage =
  | {
    /** The caller's name: its first line. */
    readonly type: "name";
    /** The name, trimmed: 1 to 64 UTF-16 code units. */
    readonly name: string;
  }
  | {
    /** A line of chat. */
    readonly type: "text";
    /** The line, without its end; may be empty. */
    readonly text: string;
  };

/** Starts no line of UTF-8 text: a peer that sends it first speaks another dialect. */
const NOT_TEXT = 0xff;

/**
 * Bytes of one peer in, its messages out: protocol/docs/classic.md, "Between peers".
 *
 * @example
 * ```ts
 * import { ChatDecoder } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const caller = new ChatDecoder("caller");
 * assertEquals([...caller.push(new TextEncoder().encode("ada\nhello\n"))], [
 *   { type: "name", name: "ada" },
 *   { type: "text", text: "hello" },
 * ]);
 * ```
 */
export class ChatDecoder implements Decoder<ChatMessage> {
  readonly #lines = new LineDecoder();
  #expectName: boolean;
  #started = false;

  /**
   * Ready for the first byte.
   *
   * @param peer whose bytes these are: the `caller` sends its name first, the `callee` doesn't
   */
  constructor(peer: "caller" | "callee") {
    this.#expectName = peer === "caller";
  }

  /**
   * Yields what the chunk completes.
   *
   * @throws {ProtocolError} `line-too-long`, `invalid-name`, `not-classic`
   */
  *push(chunk: Uint8Array): Generator<ChatMessage, void> {
    if (!this.#started && chunk.length > 0) {
      this.#started = true;
      if (chunk[0] === NOT_TEXT) {
        throw new ProtocolError(
          "not-classic",
          "expected a line of text, got the byte 0xFF of another dialect",
        );
      }
    }
    for (const line of this.#lines.push(chunk)) {
      if (!this.#expectName) {
        yield { type: "text", text: line };
        continue;
      }
      const name = line.trim();
      if (name === "" || name.length > limits.nameUnits) {
        throw new ProtocolError(
          "invalid-name",
          `expected a name of 1 to ${limits.nameUnits} characters, got ${name.length}`,
        );
      }
      this.#expectName = false;
      yield { type: "name", name };
    }
  }

  /**
   * Signals the end of the bytes.
   *
   * @throws {ProtocolError} `truncated` in the middle of a line
   */
  end(): void {
    this.#lines.end();
  }
}
