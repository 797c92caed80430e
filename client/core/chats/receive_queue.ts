import type { Incoming, Store } from "../store.ts";

/** Messages on their way into the store: kept in order, told in order, not too many at a time. */
export class ReceiveQueue {
  readonly #store: Store;
  readonly #most: number;
  readonly #failed: (error: unknown) => void;
  #hasFailed = false;
  #waiting = 0;
  #all: Promise<void> = Promise.resolve();

  /** @param failed is told of the first that could not be kept */
  constructor(store: Store, most: number, failed: (error: unknown) => void) {
    this.#store = store;
    this.#most = most;
    this.#failed = failed;
  }

  /** Resolves once all that came so far is kept, or could not be. */
  get all(): Promise<void> {
    return this.#all;
  }

  /** Keeps a message; `kept` is told once that is done, and not where it fails. */
  async keep(message: Incoming, kept: (isNew: boolean) => void): Promise<void> {
    const keeping = this.#store.receive(message);
    keeping.catch(() => {});
    this.#waiting++;
    const before = this.#all;
    this.#all = (async () => {
      await before;
      try {
        kept(await keeping === "new");
      } catch (error) {
        if (!this.#hasFailed) this.#failed(error);
        this.#hasFailed = true;
      } finally {
        this.#waiting--;
      }
    })();
    if (this.#waiting >= this.#most) await this.#all;
  }
}
