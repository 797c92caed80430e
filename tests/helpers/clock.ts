/**
 * A clock (`performance.now`) that stands until a test puts it on: what is bound in time can't run out
 * on a busy machine. Timers go by the real time; FakeTime is for those.
 *
 * @example
 * ```ts ignore
 * using clock = new Clock();
 * await using server = MimServer.listen({ port: 0 });
 * clock.putOn(30_000); // whoever has not logged in is closed at the server's next look
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
  putOn(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Gives the real one back. */
  [Symbol.dispose](): void {
    performance.now = this.#real;
  }
}
