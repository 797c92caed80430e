/** Time that passes only when a test says so. */

/**
 * A clock (`performance.now`) that stands until a test puts it on: what is bound in time can't run out
 * on a busy machine. Timers go by the real time; FakeTime is for those.
 *
 * @example
 * ```ts ignore
 * using clock = new Clock();
 * await using server = MimServer.listen({ port: 0 });
 * clock.advance(30_000); // whoever has not logged in is closed at the server's next look
 * ```
 */
export class Clock implements Disposable {
  readonly #real = performance.now;
  /** Whole milliseconds: with fractions, ten seconds later would not be just that. */
  #now = Math.ceil(performance.now());

  constructor() {
    performance.now = () => this.#now;
  }

  /** It is so many milliseconds later. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Gives the real one back. */
  [Symbol.dispose](): void {
    performance.now = this.#real;
  }
}

// Before anything stands in for them.
const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;
const realTimeoutSignal = AbortSignal.timeout;
const realNow = Date.now;

/** A wall clock (`Date.now`) that a test puts on and back; the other clocks go by the real time. */
export class WallClock implements Disposable {
  readonly #real = Date.now;
  #ahead = 0;

  constructor() {
    Date.now = () => this.#real() + this.#ahead;
  }

  /** It is so many milliseconds later, or earlier. */
  advance(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  /** Gives the real one back. */
  [Symbol.dispose](): void {
    Date.now = this.#real;
  }
}

/**
 * Deadlines (`AbortSignal.timeout`) that never pass: on a busy machine nothing is too late. Timers go by
 * the real time.
 */
export class NoDeadlines implements Disposable {
  constructor() {
    AbortSignal.timeout = () => new AbortController().signal;
  }

  /** Gives the real ones back. */
  [Symbol.dispose](): void {
    AbortSignal.timeout = realTimeoutSignal;
  }
}

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

  /** The program stands still for so long: all timers that are due by then run before anything else. */
  async stall(milliseconds: number): Promise<void> {
    this.#now += milliseconds;
    const due = [...this.#timers].filter(([, { at }]) => at <= this.#now);
    for (const [id, timer] of due.sort(([, a], [, b]) => a.at - b.at)) {
      if (this.#timers.delete(id)) timer.run();
    }
    await settled();
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
