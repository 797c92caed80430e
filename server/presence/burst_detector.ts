/** How many changes at once are no storm. */
const BURST = 16;
/** How many a second are none, from there on. */
const PER_SECOND = 200;
/** A storm is over a fifth of a second behind its last change, however long it was. */
const MOST = BURST + PER_SECOND / 5;

/**
 * Tells a storm of changes, as when a whole site logs in, from a few. Knows no clock: who asks says what
 * time it is, in milliseconds of any clock that doesn't go back.
 *
 * @example
 * ```ts
 * import { BurstDetector } from "./burst_detector.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const storm = new BurstDetector();
 * for (let change = 0; change < 16; change++) storm.count(0);
 * assertEquals(storm.isBurst(0), false);
 * storm.count(0);
 * assertEquals([storm.isBurst(0), storm.isBurst(200)], [true, false]);
 * ```
 */
export class BurstDetector {
  #level = 0;
  #since = 0;

  /** There was one more change. */
  count(now: number): void {
    this.#level = Math.min(MOST, this.#at(now) + 1);
    this.#since = now;
  }

  /** Whether there are many right now. */
  isBurst(now: number): boolean {
    return this.#at(now) > BURST;
  }

  #at(now: number): number {
    return Math.max(0, this.#level - (now - this.#since) / 1000 * PER_SECOND);
  }
}
