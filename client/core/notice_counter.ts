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

/** How many kinds are remembered at most. */
const MAX_KINDS = 64;

/** The same for things of many kinds: each kind is reported so often at most, and all together. */
export class KindNoticeCounter {
  readonly #kindIntervalMs: number;
  readonly #mayTell: () => boolean;
  /** When each kind was reported last. */
  readonly #told = new Map<string, number>();
  #count = 0;

  constructor(kindIntervalMs: number, intervalMs: number) {
    this.#kindIntervalMs = kindIntervalMs;
    this.#mayTell = throttle(intervalMs);
  }

  /** Counts one more, as {@linkcode NoticeCounter.add}; the count is that of all kinds. */
  add(kind: string): number {
    this.#count++;
    const now = performance.now();
    const last = this.#told.get(kind);
    if (last !== undefined && now - last < this.#kindIntervalMs || !this.#mayTell()) return 0;
    this.#told.delete(kind);
    this.#told.set(kind, now);
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= MAX_KINDS) break;
      this.#told.delete(oldest);
    }
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}
