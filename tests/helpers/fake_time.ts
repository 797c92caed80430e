// Before anything stands in for them.
const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;
const realTimeoutSignal = AbortSignal.timeout;
const realNow = Date.now;

/** How many turns of the event loop make sure that all is done that can be done without time. */
const TURNS = 5;

/**
 * Time that passes only when a test says so: stands in for `setTimeout`, `clearTimeout` and
 * `AbortSignal.timeout` until it goes out of scope. For connections in memory only: the real
 * network takes real time.
 *
 * @example
 * ```ts ignore
 * using time = new FakeTime();
 * const login = ada.login();
 * await time.pass(10_000);
 * ```
 */
export class FakeTime implements Disposable {
  readonly #timers = new Map<number, { readonly at: number; readonly run: () => void }>();
  readonly #signals = new Set<number>();
  #now = 0;
  #nextId = 1;
  #asleep = 0;

  /** Starts at 0 milliseconds. */
  constructor() {
    Object.assign(globalThis, {
      setTimeout: (run: (...args: unknown[]) => void, delay = 0, ...args: unknown[]) =>
        this.#set(() => run(...args), delay),
      clearTimeout: (id: number) => void this.#timers.delete(id),
    });
    Date.now = () => realNow() + this.#asleep;
    AbortSignal.timeout = (delay) => {
      const controller = new AbortController();
      const late = new DOMException("Signal timed out.", "TimeoutError");
      this.#signals.add(this.#set(() => controller.abort(late), delay));
      return controller.signal;
    };
  }

  /** How many timers are set; those of signals, which keep no program from ending, are not counted. */
  get waiting(): number {
    return [...this.#timers.keys()].filter((id) => !this.#signals.has(id)).length;
  }

  /** Lets so many milliseconds pass; each timer runs at its time. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      await settled();
      const [id, timer] = this.#next() ?? [];
      if (id === undefined || timer === undefined || timer.at > until) break;
      this.#timers.delete(id);
      this.#now = timer.at;
      timer.run();
    }
    this.#now = until;
  }

  /** The machine sleeps so long: the wall clock goes on, timers do not. */
  sleep(milliseconds: number): void {
    this.#asleep += milliseconds;
  }

  /** Gives the real time back. */
  [Symbol.dispose](): void {
    Date.now = realNow;
    Object.assign(globalThis, { setTimeout: realSetTimeout, clearTimeout: realClearTimeout });
    AbortSignal.timeout = realTimeoutSignal;
  }

  #set(run: () => void, delay: number): number {
    const id = this.#nextId++;
    this.#timers.set(id, { at: this.#now + Math.max(delay, 0), run });
    return id;
  }

  #next() {
    return [...this.#timers].sort(([, a], [, b]) => a.at - b.at)[0];
  }
}

/** Resolves when all that waits for no time is done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    await new Promise((resolve) => realSetTimeout(resolve, 0));
  }
}
