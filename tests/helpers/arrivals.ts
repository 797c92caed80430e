import { PATIENCE } from "./patience.ts";

// Of the real time, whatever time a test makes for itself.
const { setTimeout, clearTimeout } = globalThis;

/** Waits for what comes from outside: a condition is looked at again whenever something has come. */
export class Arrivals {
  readonly #wakers = new Set<() => void>();

  /** Something has come. */
  wake(): void {
    for (const wake of this.#wakers) wake();
  }

  /**
   * Waits for a condition.
   *
   * @param what the error's words for it
   * @param got the error's words for what there is instead
   * @throws {Error} where it takes longer
   */
  async until(condition: () => boolean, what: string, got: () => string): Promise<void> {
    const late = Promise.withResolvers<never>();
    const fail = () => late.reject(new Error(`expected ${what}, got ${got()}`));
    const timer = setTimeout(fail, PATIENCE);
    try {
      while (!condition()) {
        const more = Promise.withResolvers<void>();
        this.#wakers.add(more.resolve);
        await Promise.race([more.promise, late.promise]);
        this.#wakers.delete(more.resolve);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
