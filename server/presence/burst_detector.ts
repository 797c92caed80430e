/** So many changes at once are no burst. */
const CHANGES_AT_ONCE = 16;
/** Nor are so many a second after that. */
const CHANGES_PER_SECOND = 200;
/** A burst is over a fifth of a second after its last change, however long it was. */
const MAX_LEVEL = CHANGES_AT_ONCE + CHANGES_PER_SECOND / 5;

/**
 * Detects a burst of changes, as when a whole site logs in. Callers pass the time, in milliseconds of any
 * clock that doesn't go back.
 *
 * @example
 * ```ts
 * import { BurstDetector } from "./burst_detector.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const detector = new BurstDetector();
 * for (let change = 0; change < 16; change++) detector.count(0);
 * assertEquals(detector.isBurst(0), false);
 * detector.count(0);
 * assertEquals([detector.isBurst(0), detector.isBurst(200)], [true, false]);
 * ```
 */
export class BurstDetector {
  #level = 0;
  #since = 0;

  /** Counts a change. */
  count(now: number): void {
    this.#level = Math.min(MAX_LEVEL, this.#at(now) + 1);
    this.#since = now;
  }

  /** Whether there is a burst now. */
  isBurst(now: number): boolean {
    return this.#at(now) > CHANGES_AT_ONCE;
  }

  #at(now: number): number {
    return Math.max(0, this.#level - (now - this.#since) / 1000 * CHANGES_PER_SECOND);
  }
}
