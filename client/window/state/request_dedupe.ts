/** How many are remembered. */
const MAX_REMEMBERED = 1_000;

/** What pages have asked for that must not be done twice, by its `ref`. */
export class RequestDedupe {
  readonly #refs = new Set<string>();

  /** The newest, for a page that comes back and does not know what became of what it sent. */
  get refs(): string[] {
    return [...this.#refs];
  }

  /** Whether it was asked for before; from now on it was. */
  already(ref: string): boolean {
    if (this.#refs.has(ref)) return true;
    this.#refs.add(ref);
    const [oldest] = this.#refs;
    if (this.#refs.size > MAX_REMEMBERED && oldest !== undefined) this.#refs.delete(oldest);
    return false;
  }
}
