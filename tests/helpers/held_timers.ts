/** Timers of one delay that run only when a test says so; all others go by the real time. */
export class HeldTimers implements Disposable {
  readonly #real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  readonly #held = new Map<number, () => void>();
  #lastId = 0;

  /** @param delay in milliseconds, and as odd as no other timer's */
  constructor(delay: number) {
    const { setTimeout, clearTimeout } = this.#real;
    Object.assign(globalThis, {
      setTimeout: (run: (...args: unknown[]) => void, after?: number, ...args: unknown[]) => {
        if (after !== delay) return setTimeout(run, after, ...args);
        this.#held.set(--this.#lastId, () => run(...args));
        return this.#lastId;
      },
      clearTimeout: (id?: number) => {
        if (id === undefined || !this.#held.delete(id)) clearTimeout(id);
      },
    });
  }

  /** How many are waiting. */
  get count(): number {
    return this.#held.size;
  }

  /** Their time has come. */
  run(): void {
    const due = [...this.#held.values()];
    this.#held.clear();
    for (const run of due) run();
  }

  /** Gives the real ones back. */
  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#real);
  }
}
