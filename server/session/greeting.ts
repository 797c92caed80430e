import { concat } from "@std/bytes/concat";
import { encodeWelcome, formatAnnouncement, limits, NONCE_LENGTH } from "../../protocol/mod.ts";

/** The length of the empty line that ends a welcome. */
const EMPTY_LINE = 1;
const encoder = new TextEncoder();

/** The welcome that every connection gets; its last line announces MIM/2, with a nonce of its own. */
export class Greeting {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #serverKey: Uint8Array | undefined;
  /** Where the announcement starts. */
  readonly #at: number;

  /**
   * @param serverKey the server's public key; undefined if it speaks classic MIM only
   * @throws {RangeError} if the text has over 64 lines, or over 8 KiB with the announcement
   */
  constructor(text: string, serverKey: Uint8Array | undefined) {
    this.#serverKey = serverKey;
    const bytes = encodeWelcome(text);
    if (serverKey === undefined) {
      this.#bytes = bytes;
      this.#at = 0;
      return;
    }
    const line = formatAnnouncement({ nonce: new Uint8Array(NONCE_LENGTH), serverKey });
    this.#at = bytes.length - EMPTY_LINE; // it takes the place of the empty line
    this.#bytes = concat([bytes.subarray(0, this.#at), encoder.encode(`${line}\n\n`)]);
    if (this.#bytes.length <= limits.welcomeBytes) return;
    throw new RangeError(
      `expected a welcome of at most ${limits.welcomeBytes} bytes with the server's own line, ` +
        `got ${this.#bytes.length} bytes`,
    );
  }

  /** The bytes for the next connection, and the nonce in them. */
  next(): { readonly bytes: Uint8Array; readonly nonce: Uint8Array | undefined } {
    if (this.#serverKey === undefined) return { bytes: this.#bytes, nonce: undefined };
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_LENGTH));
    const bytes = this.#bytes.slice();
    const line = formatAnnouncement({ nonce, serverKey: this.#serverKey });
    encoder.encodeInto(line, bytes.subarray(this.#at));
    return { bytes, nonce };
  }
}
