import type { LinkNoticeOf } from "../../../protocol/mod.ts";
import { ClientError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";

/** A complaint of the server that no close follows within this time was not the reason for one. */
const GRACE_MS = 1_000;

/** A complaint of the server: the reason if it closes soon, else an error of its own. */
export class ServerComplaint {
  /** The complaint for which the server may be about to close. */
  last: LinkNoticeOf<"refusal"> | undefined;
  readonly #events: EventBus;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(events: EventBus) {
    this.#events = events;
  }

  /** The server has complained of a client that is logged in. */
  take(complaint: LinkNoticeOf<"refusal">): void {
    this.stop();
    this.last = complaint;
    const { code, text } = complaint;
    this.#timer = setTimeout(() => {
      this.last = undefined;
      const error = new ClientError("server-complaint", { code, text });
      this.#events.emit({ type: "error", error });
    }, GRACE_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
