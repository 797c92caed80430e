/** How long a measurement waits for readers. */
const TIMEOUT_MS = 10_000;

/** A reader of the log, and how far it has been written. */
interface Reader {
  readonly cursor: number | undefined;
}

/**
 * Measures how long a broadcast takes to reach all readers: one update at a time, so that it costs one
 * comparison a write. A reader that takes longer than ten seconds is left out until it has caught up:
 * one that never reads must not hide the others. Callers pass the time.
 */
export class BroadcastLatency {
  readonly #onMeasured: (milliseconds: number) => void;
  /** The offset to be reached; undefined while nothing is measured. */
  #end: number | undefined;
  #start = 0;
  #left = 0;
  /** How long the latest reader to get there took; undefined while none has. */
  #last: number | undefined;
  /** Where the previous measurement ended: a reader that has not even got there is late. */
  #before = 0;
  /** Readers that were late when the measurement began. */
  readonly #late = new Set<Reader>();

  /** @param onMeasured is told each time from an update to its last write, in milliseconds */
  constructor(onMeasured: (milliseconds: number) => void) {
    this.#onMeasured = onMeasured;
  }

  /**
   * Starts a measurement, unless one is under way.
   *
   * @param end the offset after the update
   * @param readers all readers
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

  /** A reader moved from an offset to another; `after` is undefined if it has left. */
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

  /** Ends a measurement that has taken too long. To be called every second or so. */
  tick(now: number): void {
    const time = now - this.#start;
    if (this.#end !== undefined && time >= TIMEOUT_MS) this.#done(this.#last ?? time);
  }

  #done(time: number): void {
    this.#before = this.#end ?? this.#before;
    this.#end = undefined;
    this.#late.clear();
    this.#onMeasured(time);
  }
}
