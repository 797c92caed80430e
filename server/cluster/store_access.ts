import { getLogger } from "@logtape/logtape";
import { reasonOf } from "../platform/util/errors.ts";
import type { RecordStore } from "./record_store.ts";

const logger = getLogger(["mim", "server"]);
/** How often something is tried with a store that fails. */
const MAX_FAILURES = 2;

/** The store of a cluster, which can't always be reached. */
export class StoreAccess {
  readonly #waitMs: number;
  #store: RecordStore | undefined;
  #isClosed = false;
  /** Those who wait for the store. */
  readonly #waiting = new Set<() => void>();

  /** @param waitMs how long a use waits for a store that can't be reached yet, or for a moment */
  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** The store; undefined if it can't be reached right now. */
  get store(): RecordStore | undefined {
    return this.#store;
  }

  /** @throws {Error} if it can't be reached right now */
  need(): RecordStore {
    if (this.#store === undefined) {
      throw new Error("the cluster's claims can't be reached");
    }
    return this.#store;
  }

  /** This is the store from now on; undefined: it can't be reached. */
  connect(store: RecordStore | undefined): void {
    this.#store = store;
    if (store === undefined) return;
    for (const go of this.#waiting) go();
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#isClosed = true;
    this.#store = undefined;
    for (const go of this.#waiting) go();
  }

  /**
   * Does something once the store can be reached, and once more if it fails: the store may be opened anew. Never
   * rejects.
   *
   * @returns undefined if that was in vain
   */
  async use<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    let failed: RecordStore | undefined;
    for (let failures = 0; failures < MAX_FAILURES; failures++) {
      if (this.#store === undefined || this.#store === failed) {
        await this.#untilReachable();
      }
      if (this.#store === undefined) return undefined;
      failed = this.#store;
      try {
        return await work();
      } catch (error) {
        logger.debug("the cluster's claims can't be used: {reason}", {
          reason: reasonOf(error),
        });
      }
    }
    return undefined;
  }

  async #untilReachable(): Promise<void> {
    if (this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    const timer = setTimeout(resolve, this.#waitMs);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }
}
