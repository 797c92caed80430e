import { throttle } from "../../server/platform/util/throttle.ts";

/** Counts what anybody can cause any number of times, so that only some events tell of it. */
export class NoticeCounter {
  readonly #mayTell: () => boolean;
  #count = 0;

  constructor(intervalMs: number) {
    this.#mayTell = throttle(intervalMs);
  }

  /** Counts one more. Returns how many an event is to tell of now; 0 if it is too soon for one. */
  add(): number {
    this.#count++;
    if (!this.#mayTell()) return 0;
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}
