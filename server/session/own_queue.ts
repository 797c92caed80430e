import { concat } from "@std/bytes/concat";
import {
  encodeLinkNotice,
  encodeLinkUpdates,
  type LinkNotice,
  type LinkServer,
} from "../../protocol/mod.ts";
import { serverLimits } from "../limits.ts";
import type { LogPlace, RecordLogView } from "../presence/mod.ts";

/**
 * Up to so many bytes, what waits goes out in one write. Parts of a table, which clients share, are longer:
 * a copy for each client would cost more than another write.
 */
const JOINED_BYTES = 4_096;

/**
 * A ping, which says at which place in the log the client is, once it is there. What stands behind one
 * that holds the rest waits for the client's next message.
 */
type Ping = { readonly type: "ping"; readonly token: number; readonly holdsRest?: boolean };

/** Changes for a client that watches, each to be encrypted. */
type Updates = { readonly type: "updates"; readonly updates: readonly Uint8Array[] };

/** A message for one client alone: bytes as they are, or a notice to be encrypted. */
export type OwnMessage = Uint8Array | Ping | Updates | Exclude<LinkNotice, { type: "ping" }>;

/**
 * The messages that wait to be sent to one client alone, in order. Notices are encrypted when they are taken to be
 * written, so that they are in the stream in the order of their nonces.
 */
export class OwnQueue {
  readonly #waiting: { readonly message: OwnMessage; readonly after: number }[] = [];

  #isHeld = false;

  /** Whether what waits has to wait for a message of the client. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** A message of the client has come; returns whether something waited for it. */
  release(): boolean {
    const wasHeld = this.#isHeld;
    this.#isHeld = false;
    return wasHeld;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether so much waits that nothing more may be added. */
  get isFull(): boolean {
    return this.#waiting.length >= serverLimits.notices;
  }

  /** Whether the end of the table is still to come. */
  get hasTable(): boolean {
    return this.#waiting.some(({ message }) => "type" in message && message.type === "complete");
  }

  /** @param after the offset in the log that the client must have first */
  add(message: OwnMessage, after = 0): void {
    this.#waiting.push({ message, after });
  }

  /**
   * Takes what is to be written next.
   *
   * @param cursor the client's offset in the log
   * @param link encrypts notices
   * @param log the log that the client is in
   * @returns undefined if all that waits has to wait for the log
   */
  take(
    cursor: number,
    link: LinkServer | undefined,
    log: RecordLogView | undefined,
  ): Uint8Array | undefined {
    const parts: Uint8Array[] = [];
    let length = 0;
    for (let next; !this.#isHeld && (next = this.#waiting[0]) !== undefined;) {
      if (next.after > cursor) break;
      const more = next.message instanceof Uint8Array ? next.message.length : 0;
      if (parts.length > 0 && length + more > JOINED_BYTES) break;
      this.#waiting.shift();
      const bytes = bytesOf(next.message, link, log?.placeAt(cursor));
      parts.push(bytes);
      length += bytes.length;
      this.#isHeld = "holdsRest" in next.message && next.message.holdsRest === true;
    }
    const [first] = parts;
    return parts.length > 1 ? concat(parts) : first;
  }
}

function bytesOf(
  message: OwnMessage,
  link: LinkServer | undefined,
  place: LogPlace | undefined,
): Uint8Array {
  if (message instanceof Uint8Array) return message;
  if (link === undefined) throw new TypeError("expected a link for a notice, got a classic client");
  if (message.type === "updates") {
    return concat(Array.from(encodeLinkUpdates(message.updates), (body) => link.encrypt(body)));
  }
  if (message.type !== "ping") return link.encrypt(encodeLinkNotice(message));
  const { epoch, number } = place ?? { epoch: 0, number: 0 };
  const { type, token } = message;
  return link.encrypt(encodeLinkNotice({ type, token, epoch, number }));
}
