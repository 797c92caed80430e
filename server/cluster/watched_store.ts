import { reasonOf } from "../platform/util/errors.ts";
import type { RecordStore, StoredRecord } from "./record_store.ts";

/** A store that reports how each use of it went. */
export class WatchedStore implements RecordStore {
  readonly #store: RecordStore;
  readonly #onOutcome: (use: "read" | "write", failure: string | undefined) => void;

  /** @param onOutcome gets why a use has failed; undefined if it has not */
  constructor(
    store: RecordStore,
    onOutcome: (use: "read" | "write", failure: string | undefined) => void,
  ) {
    this.#store = store;
    this.#onOutcome = onOutcome;
  }

  get(key: string): Promise<StoredRecord | undefined> {
    return this.#watch("read", this.#store.get(key));
  }

  create(key: string, value: Uint8Array): Promise<boolean> {
    return this.#watch("write", this.#store.create(key, value));
  }

  update(key: string, value: Uint8Array, revision: number): Promise<boolean> {
    return this.#watch("write", this.#store.update(key, value, revision));
  }

  async #watch<Answer>(use: "read" | "write", asked: Promise<Answer>): Promise<Answer> {
    try {
      const answer = await asked;
      // A value that was there before shows nothing: the store had nothing to write.
      if (answer !== false) this.#onOutcome(use, undefined);
      return answer;
    } catch (error) {
      this.#onOutcome(use, reasonOf(error));
      throw error;
    }
  }
}
