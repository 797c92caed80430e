/** How long readers are waited for, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** Somebody who reads the log, as far as has been written. */
interface Reader {
  readonly cursor: number | undefined;
}

/**
 * Measures how long it takes until the readers have been written an update: one update at a time, so
 * that it costs a comparison a write. Whoever takes longer than ten seconds is not waited for, and
 * counts again once caught up: one who never reads hides nothing about the others. Knows no clock.
 */
export class BroadcastLatency {
  readonly #told: (milliseconds: number) => void;
  /** The offset to be reached; undefined while nothing is measured. */
  #end: number | undefined;
  #start = 0;
  #left = 0;
  /** How long the last who got there took; undefined while nobody has. */
  #last: number | undefined;
  /** Where the measurement before ended: whoever has not even got there is late. */
  #before = 0;
  /** Those who were late when the measurement began. */
  readonly #late = new Set<Reader>();

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
  start(end: number, readers: Iterable<Reader>, now: number): void {
    if (this.#end !== undefined) return;
    let left = 0;
    this.#late.clear();
    for (const reader of readers) {
      if (reader.cursor === undefined || reader.cursor >= end) continue;
      if (reader.cursor < this.#before) this.#late.add(reader);
      else left++;
    }
    if (left === 0) return;
    this.#end = end;
    this.#start = now;
    this.#left = left;
    this.#last = undefined;
  }

  /** A reader went on from an offset; `after` is undefined where it left. */
  moved(
    reader: Reader,
    before: number | undefined,
    after: number | undefined,
    now: () => number,
  ): void {
    if (this.#end === undefined || before === undefined || before >= this.#end) return;
    if (after !== undefined && after < this.#end) return;
    if (this.#late.has(reader)) return;
    this.#last = now() - this.#start;
    if (--this.#left === 0) this.#done(this.#last);
  }

  /** Waits no longer for those who have taken too long. To be called often. */
  tick(now: number): void {
    const time = now - this.#start;
    if (this.#end !== undefined && time >= TIMEOUT_MS) this.#done(this.#last ?? time);
  }

  #done(time: number): void {
    this.#before = this.#end ?? this.#before;
    this.#end = undefined;
    this.#late.clear();
    this.#told(time);
  }
}
