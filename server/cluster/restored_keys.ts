/** A value is restored at most so often: somebody may write over it again and again. */
const RESTORE_INTERVAL_MS = 10_000;
/** So many values are restored at a time. */
const MAX_RESTORED = 200;

/** Keys of the store whose values were written back lately. */
export class RestoredKeys {
  /** When they were, the earliest first. */
  readonly #times = new Map<string, number>();

  /** Those of some keys whose values may be written back now, as many as go at a time. */
  due(keys: Iterable<string>, now: number): string[] {
    for (const [key, time] of this.#times) {
      if (now - time < RESTORE_INTERVAL_MS) break;
      this.#times.delete(key);
    }
    const due = Iterator.from(keys).filter((key) => !this.#times.has(key));
    return due.take(MAX_RESTORED).toArray();
  }

  /** A value is being written back. */
  add(key: string, now: number): void {
    this.#times.set(key, now);
  }

  /** A value could not be written back. */
  delete(key: string): void {
    this.#times.delete(key);
  }
}
