/** Searches the entered lines while the user types what to look for, newest first. */
export class HistorySearch {
  readonly #entries: readonly string[];
  #query = "";
  #at: number;

  /** @param entries newest last */
  constructor(entries: readonly string[]) {
    this.#entries = entries;
    this.#at = entries.length - 1;
  }

  /** What is looked for. */
  get query(): string {
    return this.#query;
  }

  /** The entry found; undefined where nothing has been looked for, or nothing was found. */
  get found(): string | undefined {
    return this.#query === "" ? undefined : this.#entries[this.#at];
  }

  /** Looks for something else, from the newest on. */
  look(query: string): void {
    this.#query = query;
    this.#at = this.#before(this.#entries.length);
  }

  /** Looks further back; stays where nothing is found there. */
  older(): void {
    const next = this.#before(this.#at);
    if (next >= 0) this.#at = next;
  }

  #before(end: number): number {
    const folded = this.#query.toLowerCase();
    for (let at = end - 1; at >= 0; at--) {
      if (this.#entries[at]?.toLowerCase().includes(folded)) return at;
    }
    return -1;
  }
}
