import type { ClientEvent } from "../app/mod.ts";

/** A message that was sent is shown once it has arrived, or after so many milliseconds. */
const ECHO_DELAY_MS = 300;

/** What was written longer ago is told of as delivered late, in milliseconds. */
const OLD = 60_000;

type Sent = Extract<ClientEvent, { readonly type: "sent" }>;

/**
 * Holds back what was sent until it has arrived, so that it comes as one line and not as two. What is
 * not there after a moment is shown as that, and told of once it is.
 */
export class EchoBuffer {
  readonly #show: (event: Sent, arrived: boolean) => void;
  readonly #held = new Map<string, Sent>();
  /** What was shown as waiting, or on its way. */
  readonly #late = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param show shows what was sent, and whether it has arrived */
  constructor(show: (event: Sent, arrived: boolean) => void) {
    this.#show = show;
  }

  /** Whether an event is not to be shown now: it is held, or has been dealt with. */
  takes(event: ClientEvent): boolean {
    switch (event.type) {
      case "sent":
        if (event.id === undefined) return false;
        if (this.#late.has(event.id)) return true;
        this.#held.set(event.id, event);
        this.#timer ??= setTimeout(() => this.flush(), ECHO_DELAY_MS);
        return true;
      case "delivered": {
        const sent = this.#held.get(event.message.id);
        if (sent === undefined) {
          this.#late.delete(event.message.id);
          return false;
        }
        this.#held.delete(event.message.id);
        if (Date.now() - event.message.at > OLD) return false; // it waited since an earlier run
        this.#show(sent, true);
        return true;
      }
      case "queued":
        this.#late.add(event.message.id);
        return false;
      case "failed":
        this.#held.delete(event.message.id);
        this.#late.delete(event.message.id);
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
    for (const [id, event] of this.#held) {
      this.#late.add(id);
      this.#show(event, false);
    }
    this.#held.clear();
  }
}
