import type { ClientEvent } from "../app/mod.ts";
import type { Message } from "../core/mod.ts";

/** A message that was sent is shown once it is delivered, or after so many milliseconds. */
const ECHO_DELAY_MS = 300;

/** The delivery of a message that was written longer ago is shown by itself, in milliseconds. */
const LATE_DELIVERY_MS = 60_000;

type SentEvent = Extract<ClientEvent, { readonly type: "sent" }>;

/**
 * Holds a message that was sent back until it is delivered, so that it comes as one line and not as two.
 * One that takes longer is shown without that, and its delivery later.
 */
export class EchoBuffer {
  readonly #show: (event: SentEvent, isDelivered: boolean) => void;
  readonly #held = new Map<Message, SentEvent>();
  /** Messages that were shown as waiting. */
  readonly #queued = new WeakSet<Message>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param show shows a message that was sent, and whether it is delivered */
  constructor(show: (event: SentEvent, isDelivered: boolean) => void) {
    this.#show = show;
  }

  /** Whether an event is not to be shown now: it is held, or was shown already. */
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
        if (sent === undefined || Date.now() - event.message.at > LATE_DELIVERY_MS) return false;
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

  /** Shows what is held. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const event of this.#held.values()) this.#show(event, false);
    this.#held.clear();
  }
}
