import { throttle } from "../../server/platform/util/throttle.ts";

/** Counts things that others can cause any number of times, so that few events report them. */
export class NoticeCounter {
  readonly #mayTell: () => boolean;
  #count = 0;

  constructor(intervalMs: number) {
    this.#mayTell = throttle(intervalMs);
  }

  /** Counts one more. Returns how many an event has to report now; 0 if it is too soon for one. */
  add(): number {
    this.#count++;
    if (!this.#mayTell()) return 0;
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}
