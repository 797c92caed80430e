/** How a connection to a server opens: a classic login, or MIM/2's server link. */

import type { Decoder } from "../../codec/mod.ts";
import { sha256 } from "../../crypto/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { concat } from "@std/bytes/concat";

const NOT_A_SIZE = 0xff;
const LINK = "ff4d494d4c0a"; // "MIML\n"
const LENGTH = 6;
/** A classic login has at most 4,096 bytes, so that its size begins with at most this. */
const MAX_SIZE_BYTE = 0x10;
const PROLOGUE = new TextEncoder().encode("MIM/2\0");

/** How a client opens: with a classic login, or with a server link. */
export type LinkOpening = "classic" | "link";

/**
 * The six bytes that open a server link.
 *
 * @example
 * ```ts
 * import { encodeLinkPreamble } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodeLinkPreamble(), new Uint8Array([0xff, ...new TextEncoder().encode("MIML\n")]));
 * ```
 */
export function encodeLinkPreamble(): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(LINK);
}

/**
 * The prologue of a server link's handshake. It fails if client and server don't mean the same welcome.
 *
 * @param welcome the welcome's bytes as sent, including the `\n` of the empty line that ends it
 */
export function linkPrologue(welcome: Uint8Array): Uint8Array<ArrayBuffer> {
  return concat([PROLOGUE, sha256(welcome)]);
}

/**
 * The server's side: the first bytes of a client in, how it opens out, once. What follows is in
 * `rest`; of a classic client these are all its bytes.
 * See protocol/docs/mim2.md, "Opening and handshake".
 *
 * @example
 * ```ts
 * import { encodeLogin, LinkOpeningDecoder } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const decoder = new LinkOpeningDecoder();
 * const login = encodeLogin({ name: "ada", port: 4000 });
 * assertEquals([...decoder.push(login)], ["classic"]);
 * assertEquals(decoder.rest, login);
 * ```
 */
export class LinkOpeningDecoder implements Decoder<LinkOpening> {
  #hex = "";
  #rest: Uint8Array | undefined;

  /** The bytes behind the opening in the chunk that ended it (a view); undefined until then. */
  get rest(): Uint8Array | undefined {
    return this.#rest;
  }

  /**
   * Yields the opening once it is clear. Push nothing more once `rest` is there.
   *
   * @throws {ProtocolError} `unknown-opening` at the first byte that fits none
   */
  *push(chunk: Uint8Array): Generator<LinkOpening, void> {
    const [first] = chunk;
    if (first !== undefined && this.#hex === "" && first !== NOT_A_SIZE) {
      if (first > MAX_SIZE_BYTE) throw unknownOpening(chunk.subarray(0, 1).toHex());
      this.#rest = chunk;
      yield "classic";
      return;
    }
    const taken = chunk.subarray(0, LENGTH - this.#hex.length / 2);
    const hex = this.#hex + taken.toHex();
    if (!LINK.startsWith(hex)) {
      const wrong = [...LINK].findIndex((digit, at) => digit !== hex[at]);
      throw unknownOpening(hex.slice(0, wrong - wrong % 2 + 2));
    }
    this.#hex = hex;
    if (hex.length < LINK.length) return;
    this.#rest = chunk.subarray(taken.length);
    yield "link";
  }

  /**
   * Ends the bytes.
   *
   * @throws {ProtocolError} `truncated` if the opening is not clear yet
   */
  end(): void {
    if (this.#rest !== undefined) return;
    throw new ProtocolError(
      "truncated",
      `expected a connection's opening, got ${this.#hex.length / 2} bytes and the end`,
    );
  }
}

function unknownOpening(hex: string): ProtocolError {
  return new ProtocolError("unknown-opening", `expected a classic login or ${LINK}, got ${hex}`);
}
