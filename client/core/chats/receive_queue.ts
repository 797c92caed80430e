import { delay } from "@std/async/delay";
import type { Incoming, Store } from "../store.ts";

/** How many messages may be on their way into the store before the next is read. */
const MAX_STORING = 64;
/** The time between two attempts to store one, at first and at most. */
const MIN_RETRY_INTERVAL_MS = 1_000;
const MAX_RETRY_INTERVAL_MS = 4_000;

/**
 * Messages on their way into the store. They are stored, and passed on, in order: one that can't be stored
 * is tried again, and those behind it wait.
 */
export class ReceiveQueue {
  /** Resolves once all messages so far are stored, or were given up. */
  done: Promise<void> = Promise.resolve();
  readonly #store: Store;
  readonly #isOver: () => boolean;
  readonly #onError: (error: unknown) => void;
  #hasFailed = false;
  /** Aborted when nothing more comes. */
  readonly #ending = new AbortController();
  #waiting = 0;

  /**
   * @param isOver whether the connection is over: then nothing is tried again
   * @param onError gets the error if one can't be stored, and again only after one could be
   */
  constructor(store: Store, isOver: () => boolean, onError: (error: unknown) => void) {
    this.#store = store;
    this.#isOver = isOver;
    this.#onError = onError;
  }

  /** Resolves once the next may be read; `onStored` is called once this one is stored. */
  async add(message: Incoming, onStored: (isNew: boolean) => void): Promise<void> {
    // Behind one that can't be stored, none is: it must not overtake.
    const storing = this.#hasFailed ? undefined : this.#store.receive(message);
    storing?.catch(() => {});
    this.#waiting++;
    this.done = this.done.then(async () => {
      const isNew = await this.#storeOne(message, storing);
      if (isNew !== undefined) onStored(isNew);
      this.#waiting--;
    });
    if (this.#waiting >= MAX_STORING) await this.done;
  }

  /** Nothing more comes: resolves once what can be stored is. The rest comes again. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.done;
  }

  /** Whether the message is new; undefined if it was given up. */
  async #storeOne(
    message: Incoming,
    first?: ReturnType<Store["receive"]>,
  ): Promise<boolean | undefined> {
    let storing = first;
    for (let interval = MIN_RETRY_INTERVAL_MS;; interval *= 2) {
      try {
        const isNew = await (storing ?? this.#store.receive(message)) === "inserted";
        this.#hasFailed = false;
        return isNew;
      } catch (error) {
        if (!this.#hasFailed) this.#onError(error);
        this.#hasFailed = true;
      }
      storing = undefined;
      const { signal } = this.#ending;
      await delay(Math.min(interval, MAX_RETRY_INTERVAL_MS), { signal }).catch(() => {});
      if (signal.aborted || this.#isOver()) return undefined;
    }
  }
}
