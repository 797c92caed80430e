const MAX_REMEMBERED_REQUESTS = 1_000;

/** Remembers which requests were carried out, because a page repeats those whose answer it missed. */
export class RequestDedupe {
  readonly #ids = new Set<string>();

  get ids(): string[] {
    return [...this.#ids];
  }

  /** Remembers a request; returns whether it was remembered before. */
  seen(requestId: string): boolean {
    if (this.#ids.has(requestId)) return true;
    this.#ids.add(requestId);
    const [oldest] = this.#ids;
    if (this.#ids.size > MAX_REMEMBERED_REQUESTS && oldest !== undefined) this.#ids.delete(oldest);
    return false;
  }
}
