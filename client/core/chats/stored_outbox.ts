import { storageError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";
import type { Outgoing, OutgoingAction, Store } from "../store.ts";

/** The outbox in the store. Methods throw `storage-failed` unless they say otherwise. */
export class StoredOutbox {
  readonly #store: Store;
  readonly #events: EventBus;
  /** Whether a failure to remove what was delivered was reported. */
  #hasComplained = false;

  constructor(store: Store, events: EventBus) {
    this.#store = store;
    this.#events = events;
  }

  /** The parts that wait since an earlier run. */
  async load(): Promise<readonly Outgoing[]> {
    return await this.#store.outbox().catch((error) => {
      throw storageError({ what: "contents" }, error);
    });
  }

  async add(parts: readonly Outgoing[]): Promise<void> {
    await attempt(() => this.#store.queue(parts));
  }

  async change(id: string, text: string): Promise<void> {
    await attempt(() => this.#store.changeInOutbox(id, text));
  }

  async remove(ids: Iterable<string>): Promise<void> {
    for (const id of ids) await attempt(() => this.#store.removeFromOutbox(id));
  }

  /**
   * Removes what was delivered. A part that can't be removed goes out again at the next start, and is
   * dropped by its recipient: that is reported once. Never rejects.
   */
  async removeDelivered(id: string): Promise<void> {
    try {
      await this.#store.removeFromOutbox(id);
      this.#hasComplained = false;
    } catch (error) {
      if (this.#hasComplained) return;
      this.#hasComplained = true;
      this.#events.emit({ type: "error", error: storageError({ what: "delivery" }, error) });
    }
  }

  /** The run that has queued an action may have ended before it was applied here. */
  applyAgain({ id, name, identity, text: body, time }: Outgoing, action: OutgoingAction): void {
    const peer = { name, identity, address: "", port: 0, by: "me" } as const;
    this.#store.applyAction({ id, body, time, ...action, ...peer })
      .catch(() => {}); // it is sent all the same
  }
}

async function attempt(change: () => Promise<unknown>): Promise<void> {
  await change().catch((error) => {
    throw storageError({ what: "outbox" }, error);
  });
}
