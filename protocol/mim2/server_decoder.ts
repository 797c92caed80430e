/** Decodes the bytes of a server of either version, for a MIM/2 client. */

import { type Decoder, FrameDecoder } from "../codec/mod.ts";
import { type Announcement, parseAnnouncement } from "./announcement.ts";
import { decodeServerMessage, type Mim2Notice, type Mim2Update } from "./server_messages.ts";
import { decodeUpdate, type PresenceUpdate, WelcomeDecoder } from "../classic/mod.ts";

/** A message of a server of either version to a MIM/2 client. */
export type AnyServerMessage =
  | {
    /** A line of the welcome, the announcement apart. */
    readonly type: "welcome";
    /** The line, without its end; not yet safe to print: see {@linkcode sanitizeText}. */
    readonly text: string;
  }
  | {
    /** The welcome is complete: time to log in. */
    readonly type: "welcome-end";
    /** The announcement of a MIM/2 server; a classic server has none, and gets a classic login. */
    readonly announcement?: Announcement;
  }
  | PresenceUpdate
  | Mim2Update
  | Mim2Notice;

/**
 * The MIM/2 client's side: bytes of a server of either version in, its messages out. A server that
 * announces MIM/2 must be sent a MIM/2 login: all its updates are read as MIM/2's from then on, and
 * messages of unknown types are skipped.
 *
 * @example
 * ```ts
 * import { AnyServerDecoder, encodeNotice, encodeWelcome, formatAnnouncement } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const announcement = { nonce: new Uint8Array(32), serverKey: new Uint8Array(32) };
 * const decoder = new AnyServerDecoder();
 * assertEquals(
 *   [
 *     ...decoder.push(encodeWelcome("Hello\n" + formatAnnouncement(announcement))),
 *     ...decoder.push(encodeNotice({ type: "ping", token: 7 })),
 *   ],
 *   [
 *     { type: "welcome", text: "Hello" },
 *     { type: "welcome-end", announcement },
 *     { type: "ping", token: 7 },
 *   ],
 * );
 * ```
 */
export class AnyServerDecoder implements Decoder<AnyServerMessage> {
  readonly #welcome = new WelcomeDecoder();
  readonly #blocks = new FrameDecoder();
  #welcomed = false;
  /** The welcome's last line so far, if it would announce MIM/2 as the last. */
  #lastLine: { readonly text: string; readonly announcement: Announcement } | undefined;

  /**
   * Yields each message that the chunk completes.
   *
   * @throws {ProtocolError} `welcome-too-long`, `block-too-long`, `overrun`, `odd-string`,
   *   `bad-field`; from a classic server also `unknown-type`
   */
  *push(chunk: Uint8Array): Generator<AnyServerMessage, void> {
    let blocks = chunk;
    if (!this.#welcomed) {
      for (const text of this.#welcome.push(chunk)) {
        if (this.#lastLine !== undefined) yield { type: "welcome", text: this.#lastLine.text };
        const announcement = parseAnnouncement(text);
        this.#lastLine = announcement && { text, announcement };
        if (announcement === undefined) yield { type: "welcome", text };
      }
      if (this.#welcome.rest === undefined) return;
      blocks = this.#welcome.rest;
      this.#welcomed = true;
      yield this.#lastLine === undefined
        ? { type: "welcome-end" }
        : { type: "welcome-end", announcement: this.#lastLine.announcement };
    }
    for (const body of this.#blocks.push(blocks)) {
      const message = this.#lastLine === undefined ? decodeUpdate(body) : decodeServerMessage(body);
      if (message !== undefined) yield message;
    }
  }

  /**
   * Signals the end of the bytes.
   *
   * @throws {ProtocolError} `truncated` in the middle of the welcome or of a block
   */
  end(): void {
    if (this.#welcomed) this.#blocks.end();
    else this.#welcome.end();
  }
}
