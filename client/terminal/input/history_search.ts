/** Searches the entered lines while the user types a query, newest first. */
export class HistorySearch {
  readonly #entries: readonly string[];
  query = "";
  /** The index of the entry found. */
  at: number;

  /** @param entries newest last */
  constructor(entries: readonly string[]) {
    this.#entries = entries;
    this.at = entries.length - 1;
  }

  /** The entry found; undefined if there is none, or no query yet. */
  get found(): string | undefined {
    return this.query === "" ? undefined : this.#entries[this.at];
  }

  /** Searches for another query, from the newest entry on. */
  look(query: string): void {
    this.query = query;
    this.at = this.#before(this.#entries.length);
  }

  /** Searches further back; stays if there is nothing more. */
  older(): void {
    const next = this.#before(this.at);
    if (next >= 0) this.at = next;
  }

  #before(end: number): number {
    const folded = this.query.toLowerCase();
    return this.#entries.findLastIndex((entry, at) =>
      at < end && entry.toLowerCase().includes(folded)
    );
  }
}
