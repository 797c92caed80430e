/** The first bytes between two peers, which tell a listener the dialect of a caller. */

import type { Decoder } from "../codec/mod.ts";
import { ProtocolError } from "../errors.ts";

const NOT_TEXT = 0xff;
const CHAT = "ff4d494d320a"; // "MIM2\n"
const PROBE = "ff4d494d3f0a"; // "MIM?\n"
const FILE = "ff4d494d460a"; // "MIMF\n"
const OPENINGS: Readonly<Record<"chat" | "probe" | "file", string>> = {
  chat: CHAT,
  probe: PROBE,
  file: FILE,
};
const NAMES = ["chat", "probe", "file"] as const;
const LENGTH = 6;

/** How a connection opens: a line of classic text, a MIM/2 chat, a file link, or a server's probe. */
export type Preamble = "classic" | "chat" | "probe" | "file";

/**
 * The six bytes that open a MIM/2 chat or a file link, which are its prologue too, or a probe. A probe
 * is answered with the same bytes.
 *
 * @example
 * ```ts
 * import { encodePreamble } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodePreamble("probe"), new Uint8Array([0xff, ...new TextEncoder().encode("MIM?\n")]));
 * ```
 */
export function encodePreamble(opening: "chat" | "probe" | "file"): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(OPENINGS[opening]);
}

/**
 * The listener's side: the first bytes of a caller in, its preamble out, once. `rest` is what
 * follows; for a classic caller these are all its bytes.
 * See protocol/docs/mim2.md, "Opening".
 *
 * @example
 * ```ts
 * import { PreambleDecoder } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const decoder = new PreambleDecoder();
 * const bytes = new TextEncoder().encode("ada\n");
 * assertEquals([...decoder.push(bytes)], ["classic"]);
 * assertEquals(decoder.rest, bytes);
 * ```
 */
export class PreambleDecoder implements Decoder<Preamble> {
  #have: number[] = [];
  #rest: Uint8Array | undefined;

  /** The bytes after the preamble in the chunk that ended it (a view); undefined until then. */
  get rest(): Uint8Array | undefined {
    return this.#rest;
  }

  /**
   * Yields the opening once it is clear. Push nothing more once `rest` is there.
   *
   * @throws {ProtocolError} `unknown-opening` at the first byte that fits none
   */
  *push(chunk: Uint8Array): Generator<Preamble, void> {
    if (chunk.length > 0 && this.#have.length === 0 && chunk[0] !== NOT_TEXT) {
      this.#rest = chunk;
      yield "classic";
      return;
    }
    for (const [at, byte] of chunk.entries()) {
      this.#have.push(byte);
      const have = Uint8Array.from(this.#have).toHex();
      const opening = NAMES.find((name) => OPENINGS[name].startsWith(have));
      if (opening === undefined) {
        throw new ProtocolError(
          "unknown-opening",
          `expected a line of text, ${CHAT}, ${FILE} or ${PROBE}, got ${have}`,
        );
      }
      if (this.#have.length < LENGTH) continue;
      this.#rest = chunk.subarray(at + 1);
      yield opening;
      return;
    }
  }

  /**
   * Signals the end of the bytes.
   *
   * @throws {ProtocolError} `truncated` if the preamble is not complete
   */
  end(): void {
    if (this.#rest !== undefined) return;
    throw new ProtocolError(
      "truncated",
      `expected a connection's opening, got ${this.#have.length} bytes and the end`,
    );
  }
}
