import type { Incoming, Store } from "../store.ts";

/** How many messages may be on their way into the store before the next is read. */
const MAX_STORING = 64;

/** Messages on their way into the store. They are stored, and passed on, in order. */
export class ReceiveQueue {
  /** Resolves once all messages so far are stored, or could not be. */
  done: Promise<void> = Promise.resolve();
  readonly #store: Store;
  readonly #onError: (error: unknown) => void;
  #hasFailed = false;
  #waiting = 0;

  /** @param onError gets the error of the first that could not be stored */
  constructor(store: Store, onError: (error: unknown) => void) {
    this.#store = store;
    this.#onError = onError;
  }

  /** Resolves once the next may be read; `onStored` is called once this one is stored. */
  async add(message: Incoming, onStored: (isNew: boolean) => void): Promise<void> {
    const storing = this.#store.receive(message);
    storing.catch(() => {});
    this.#waiting++;
    const before = this.done;
    this.done = (async () => {
      await before;
      try {
        onStored(await storing === "inserted");
      } catch (error) {
        if (!this.#hasFailed) this.#onError(error);
        this.#hasFailed = true;
      } finally {
        this.#waiting--;
      }
    })();
    if (this.#waiting >= MAX_STORING) await this.done;
  }
}
