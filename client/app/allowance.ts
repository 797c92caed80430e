/** How long an allowance lasts, in milliseconds, and how many peers can have one at a time. */
const WINDOW_MS = 3_600_000;
const MAX_PEERS = 1_024;

/**
 * An hourly allowance for each of many peers. A peer that has used it up gets nothing until the next hour.
 *
 * @example
 * ```ts
 * import { Allowance } from "./allowance.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const pages = new Allowance(100);
 * const results = [pages.take("bob", 60), pages.take("bob", 60), pages.take("bob", 1)];
 * assertEquals(results, ["taken", "just refused", "refused"]);
 * assertEquals(pages.take("carol", 60), "taken");
 * ```
 */
export class Allowance {
  readonly #each: number;
  readonly #used = new Map<string, number>();
  #since = -Infinity;

  /** @param each how much each peer may take in an hour */
  constructor(each: number) {
    this.#each = each;
  }

  /** Takes an amount; `just refused` is the first refusal in this hour. */
  take(who: string, amount: number): "taken" | "just refused" | "refused" {
    const now = performance.now();
    if (now - this.#since >= WINDOW_MS) {
      this.#since = now;
      this.#used.clear();
    }
    const used = this.#used.get(who);
    if (used === Infinity || (used === undefined && this.#used.size >= MAX_PEERS)) return "refused";
    const total = (used ?? 0) + amount;
    const enough = total <= this.#each;
    this.#used.set(who, enough ? total : Infinity);
    return enough ? "taken" : "just refused";
  }
}
