/** How much new talk is taken of one author: at once, and a second. */
const ENTRY_BURST = 1_200;
const ENTRIES_PER_SECOND = 1;
/** Talk that is older than that costs so much less: it is history, of which there may be a lot. */
const NEW_ENTRY_MS = 10 * 60_000;
const OLD_ENTRY_COST = 1 / 20;
/** How many authors are remembered; those that were heard of longest ago begin anew. */
const MAX_AUTHORS = 4_096;

/** How much each author may say in rooms, over whatever links it comes. */
export class AuthorBudgets {
  /** How much each may say still, and since when, by the clock of `performance.now`. */
  readonly #budgets = new Map<string, { readonly left: number; readonly since: number }>();

  /** Whether one more entry of an author is taken now. */
  mayTake(author: string, now = performance.now()): boolean {
    return this.#left(author, now) >= 1;
  }

  /**
   * An entry is stored that its author has signed.
   *
   * @param ageMs how long ago it was written, by its own date
   */
  count(author: string, ageMs: number, now = performance.now()): void {
    const left = this.#left(author, now) - (ageMs > NEW_ENTRY_MS ? OLD_ENTRY_COST : 1);
    this.#budgets.delete(author);
    this.#budgets.set(author, { left, since: now });
    const [oldest] = this.#budgets.keys();
    if (this.#budgets.size > MAX_AUTHORS && oldest !== undefined) this.#budgets.delete(oldest);
  }

  #left(author: string, now: number): number {
    const { left, since } = this.#budgets.get(author) ?? { left: ENTRY_BURST, since: now };
    return Math.min(ENTRY_BURST, left + (now - since) / 1000 * ENTRIES_PER_SECOND);
  }
}
