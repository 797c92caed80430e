import type { ClientEvent } from "../app/mod.ts";
import type { Message } from "../core/mod.ts";

/** A sent message is shown once it is delivered, or after this time. */
const ECHO_DELAY_MS = 300;

/** The delivery of an older message is shown by itself. */
const LATE_DELIVERY_MS = 60_000;

type SentEvent = Extract<ClientEvent, { readonly type: "sent" }>;

/**
 * Holds a sent message back until it is delivered, so that it is shown as one line and not as two.
 * If that takes longer, the message is shown first and its delivery later.
 */
export class EchoBuffer {
  readonly #show: (event: SentEvent, isDelivered: boolean) => void;
  readonly #held = new Map<Message, SentEvent>();
  /** Messages that were shown as waiting. */
  readonly #queued = new WeakSet<Message>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(show: (event: SentEvent, isDelivered: boolean) => void) {
    this.#show = show;
  }

  /** Takes an event that is not to be shown now: it is held, or was shown already. */
  takes(event: ClientEvent): boolean {
    switch (event.type) {
      case "sent":
        if (event.message.identity === undefined) return false; // nobody acknowledges it
        if (this.#queued.has(event.message)) return true;
        this.#held.set(event.message, event);
        this.#timer ??= setTimeout(() => this.flush(), ECHO_DELAY_MS);
        return true;
      case "delivered": {
        const sent = this.#held.get(event.message);
        this.#held.delete(event.message);
        if (sent === undefined || Date.now() - event.message.time > LATE_DELIVERY_MS) return false;
        this.#show(sent, true);
        return true;
      }
      case "queued":
        this.#queued.add(event.message);
        return false;
      case "failed":
        this.#held.delete(event.message);
        return false;
      case "chat-closed":
        this.flush();
        return false;
      default:
        return false;
    }
  }

  /** Shows the messages held back. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const event of this.#held.values()) this.#show(event, false);
    this.#held.clear();
  }
}
