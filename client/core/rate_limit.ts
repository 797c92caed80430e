/** Limits how often something may happen in a time window, for each key and in total. */
export class RateLimit {
  readonly #windowMs: number;
  readonly #maxPerKey: number;
  readonly #maxTotal: number;
  #windowStart = -Infinity;
  #total = 0;
  readonly #counts = new Map<string, number>();

  constructor(windowMs: number, maxPerKey: number, maxTotal: number) {
    this.#windowMs = windowMs;
    this.#maxPerKey = maxPerKey;
    this.#maxTotal = maxTotal;
  }

  /** Whether that key may once more; if so, it is counted. */
  allows(key: string): boolean {
    const now = performance.now();
    if (now - this.#windowStart >= this.#windowMs) {
      this.#windowStart = now;
      this.#total = 0;
      this.#counts.clear();
    }
    const count = this.#counts.get(key) ?? 0;
    if (this.#total >= this.#maxTotal || count >= this.#maxPerKey) return false;
    this.#total++;
    this.#counts.set(key, count + 1);
    return true;
  }
}
