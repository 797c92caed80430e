/** How many keys are remembered; those that were heard of longest ago begin anew. */
const MAX_KEYS = 4_096;

/** How many entries are taken of one key: at once, and a second. */
interface EntryRate {
  readonly burst: number;
  readonly perSecond: number;
}

/** How many entries are taken of each key, over all links. */
export class KeyBudgets {
  readonly #rate: EntryRate;
  /** How much is left of each, and since when, by the clock of `performance.now`. */
  readonly #budgets = new Map<string, { readonly left: number; readonly since: number }>();

  constructor(rate: EntryRate) {
    this.#rate = rate;
  }

  /**
   * Whether one more entry is taken now.
   *
   * @param overdraft how many entries it may be behind
   */
  mayTake(key: string, { now = performance.now(), overdraft = 0 } = {}): boolean {
    return this.#left(key, now) >= 1 - overdraft;
  }

  /**
   * An entry was taken.
   *
   * @param cost how many entries it counts for
   */
  count(key: string, { now = performance.now(), cost = 1 } = {}): void {
    const left = this.#left(key, now) - cost;
    this.#budgets.delete(key);
    this.#budgets.set(key, { left, since: now });
    const [oldest] = this.#budgets.keys();
    if (this.#budgets.size > MAX_KEYS && oldest !== undefined) this.#budgets.delete(oldest);
  }

  /** Begins anew with all keys. */
  clear(): void {
    this.#budgets.clear();
  }

  #left(key: string, now: number): number {
    const { burst, perSecond } = this.#rate;
    const { left, since } = this.#budgets.get(key) ?? { left: burst, since: now };
    return Math.min(burst, left + (now - since) / 1000 * perSecond);
  }
}
