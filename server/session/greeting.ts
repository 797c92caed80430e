import { encodeWelcome, formatAnnouncement, NONCE_LENGTH } from "../../protocol/mod.ts";

/** The end of the last line, and the empty line after it. */
const END = 2;
const encoder = new TextEncoder();

/** The welcome that every connection gets; its last line announces MIM/2, with a nonce of its own. */
export class Greeting {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #serverKey: Uint8Array | undefined;
  /** Where the announcement starts. */
  readonly #at: number;

  /**
   * @param serverKey the server's public key; undefined if it speaks classic MIM only
   * @throws {RangeError} if the text and the announcement have over 64 lines or 8 KiB
   */
  constructor(text: string, serverKey: Uint8Array | undefined) {
    this.#serverKey = serverKey;
    if (serverKey === undefined) {
      this.#bytes = encodeWelcome(text);
      this.#at = 0;
      return;
    }
    const line = formatAnnouncement({ nonce: new Uint8Array(NONCE_LENGTH), serverKey });
    this.#bytes = encodeWelcome(`${text.trimEnd()}\n${line}`);
    this.#at = this.#bytes.length - END - line.length;
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
