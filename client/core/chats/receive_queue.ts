import { delay } from "@std/async/delay";

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
  constructor(isOver: () => boolean, onError: (error: unknown) => void) {
    this.#isOver = isOver;
    this.#onError = onError;
  }

  /**
   * Resolves once the next may be read.
   *
   * @param store stores the message
   * @param onStored called with its result once it is stored
   */
  async add<Result>(
    store: () => Promise<Result>,
    onStored: (result: Result) => void,
  ): Promise<void> {
    // Behind one that can't be stored, none is: it must not overtake.
    const storing = this.#hasFailed ? undefined : store();
    storing?.catch(() => {});
    this.#waiting++;
    this.done = this.done.then(async () => {
      const stored = await this.#storeOne(store, storing);
      if (stored !== undefined) onStored(stored.result);
      this.#waiting--;
    });
    if (this.#waiting >= MAX_STORING) await this.done;
  }

  /** Nothing more comes: resolves once what can be stored is. The rest comes again. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.done;
  }

  /** Undefined if the message was given up. */
  async #storeOne<Result>(
    store: () => Promise<Result>,
    first?: Promise<Result>,
  ): Promise<{ readonly result: Result } | undefined> {
    let storing = first;
    for (let interval = MIN_RETRY_INTERVAL_MS;; interval *= 2) {
      try {
        const result = await (storing ?? store());
        this.#hasFailed = false;
        return { result };
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
