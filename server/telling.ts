/**
 * Measures how long it takes until everybody has been written an update: one update at a time, so
 * that it costs a comparison a write. Knows no clock.
 */
export class TellingProbe {
  readonly #told: (milliseconds: number) => void;
  /** The offset that everybody has to reach; undefined while nothing is measured. */
  #end: number | undefined;
  #start = 0;
  #left = 0;

  /** @param told is handed each time measured, from the update to the last write, in milliseconds */
  constructor(told: (milliseconds: number) => void) {
    this.#told = told;
  }

  /**
   * Starts to measure, unless the update before is still under way.
   *
   * @param end the offset behind the update
   * @param readers everybody, and how far each has been written
   */
  start(
    end: number,
    readers: Iterable<{ readonly cursor: number | undefined }>,
    now: number,
  ): void {
    if (this.#end !== undefined) return;
    let left = 0;
    for (const { cursor } of readers) if (cursor !== undefined && cursor < end) left++;
    if (left === 0) return;
    this.#end = end;
    this.#start = now;
    this.#left = left;
  }

  /** A reader went from one offset to another; `after` is undefined where it left. */
  moved(before: number | undefined, after: number | undefined, now: () => number): void {
    if (this.#end === undefined || before === undefined || before >= this.#end) return;
    if (after !== undefined && after < this.#end) return;
    if (--this.#left > 0) return;
    this.#end = undefined;
    this.#told(now() - this.#start);
  }
}
