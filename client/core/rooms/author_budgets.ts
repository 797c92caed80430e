import { TokenBucket } from "../../../server/platform/util/token_bucket.ts";

/** How much new talk is taken of one author: at once, and a second. */
const ENTRY_BURST = 1_000;
const ENTRIES_PER_SECOND = 1;
/** Talk that is older than that costs so much less: it is history, of which there may be a lot. */
const NEW_ENTRY_MS = 10 * 60_000;
const OLD_ENTRY_COST = 1 / 20;
/** How many authors are remembered; those that were heard of longest ago begin anew. */
const MAX_AUTHORS = 4_096;

/** How much each author may say in rooms, over whatever links it comes. */
export class AuthorBudgets {
  readonly #buckets = new Map<string, TokenBucket>();

  /**
   * Whether one more entry of an author is taken now; if so, counts it.
   *
   * @param ageMs how long ago it was written, by its own date
   * @param now by the clock of `performance.now`
   */
  take(author: string, ageMs: number, now = performance.now()): boolean {
    const bucket = this.#buckets.get(author) ?? new TokenBucket(ENTRY_BURST, ENTRIES_PER_SECOND);
    this.#buckets.delete(author);
    this.#buckets.set(author, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MAX_AUTHORS && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket.take(now, ageMs > NEW_ENTRY_MS ? OLD_ENTRY_COST : 1);
  }
}
