/** The limits of a {@linkcode WindowLimit}. */
export interface WindowLimitOptions {
  /** How long a window lasts; then all counts begin anew. */
  readonly windowMs: number;
  /** How much each key may take in a window. */
  readonly maxPerKey: number;
  /** How much all keys may take together. Default: no limit. */
  readonly maxTotal?: number;
  /** How many keys may take anything. Default: no limit. */
  readonly maxKeys?: number;
}

/**
 * Limits how much may happen in a time window, for each key and in total. A key that has been refused
 * gets nothing until the next window.
 *
 * @example
 * ```ts
 * import { WindowLimit } from "./window_limit.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const limit = new WindowLimit({ windowMs: 60_000, maxPerKey: 100 });
 * const results = [limit.take("bob", 60), limit.take("bob", 60), limit.take("bob", 1)];
 * assertEquals(results, ["taken", "just refused", "refused"]);
 * assertEquals(limit.take("carol", 60), "taken");
 * ```
 */
export class WindowLimit {
  readonly #options: WindowLimitOptions;
  #windowStart = -Infinity;
  #total = 0;
  readonly #taken = new Map<string, number>();

  constructor(options: WindowLimitOptions) {
    this.#options = options;
  }

  /** Takes an amount for a key; `just refused` is the key's first refusal in this window. */
  take(key: string, amount = 1): "taken" | "just refused" | "refused" {
    const { windowMs, maxPerKey, maxTotal = Infinity, maxKeys = Infinity } = this.#options;
    const now = performance.now();
    if (now - this.#windowStart >= windowMs) {
      this.#windowStart = now;
      this.#total = 0;
      this.#taken.clear();
    }
    const before = this.#taken.get(key);
    if (before === Infinity || this.#total + amount > maxTotal) return "refused";
    if (before === undefined && this.#taken.size >= maxKeys) return "refused";
    const taken = (before ?? 0) + amount;
    this.#taken.set(key, taken > maxPerKey ? Infinity : taken);
    if (taken > maxPerKey) return "just refused";
    this.#total += amount;
    return "taken";
  }

  /** Gives back what was taken in this window for something that did not happen. */
  giveBack(key: string, amount: number): void {
    const taken = this.#taken.get(key);
    if (taken === undefined || taken < amount || taken === Infinity) return;
    this.#taken.set(key, taken - amount);
    this.#total -= amount;
  }
}
