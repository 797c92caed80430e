/**
 * Limits something to a rate, with bursts. Callers pass the time, in milliseconds of any clock that doesn't
 * go back.
 *
 * @example
 * ```ts
 * import { TokenBucket } from "./token_bucket.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const rate = new TokenBucket(2, 1);
 * assertEquals([rate.take(0), rate.take(0), rate.take(500), rate.take(1_000)], [true, true, false, true]);
 * ```
 */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #since = -Infinity;

  /** @param burst how many at once */
  constructor(burst: number, perSecond: number) {
    this.#burst = this.#left = burst;
    this.#perSecond = perSecond;
  }

  /** Whether it may be done now, once or so many times; if so, counts it. */
  take(now: number, amount = 1): boolean {
    this.#refill(now);
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  /** Whether the whole burst may be done now. */
  isFull(now: number): boolean {
    this.#refill(now);
    return this.#left >= this.#burst;
  }

  #refill(now: number): void {
    const more = (now - this.#since) / 1000 * this.#perSecond;
    this.#left = Math.min(this.#burst, this.#left + more);
    this.#since = now;
  }
}
