/** So often in so long a time, for each of many and in all; who comes again and again is let in only so often. */
export class RateLimit {
  readonly #window: number;
  readonly #each: number;
  readonly #all: number;
  #since = -Infinity;
  #count = 0;
  readonly #counts = new Map<string, number>();

  /**
   * @param window how long it counts for, in milliseconds
   * @param each how often one may in that time
   * @param all how often all together may
   */
  constructor(window: number, each: number, all: number) {
    this.#window = window;
    this.#each = each;
    this.#all = all;
  }

  /** Whether that one may once more; if so it is counted. */
  allows(who: string): boolean {
    const now = performance.now();
    if (now - this.#since >= this.#window) {
      this.#since = now;
      this.#count = 0;
      this.#counts.clear();
    }
    const count = this.#counts.get(who) ?? 0;
    if (this.#count >= this.#all || count >= this.#each) return false;
    this.#count++;
    this.#counts.set(who, count + 1);
    return true;
  }
}
