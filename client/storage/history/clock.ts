import type { DatabaseSync } from "node:sqlite";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A longer time between two looks at the wall clock is doubted: the clock may be wrong. */
const MAX_STEP_MS = 7 * DAY_MS;
/** After so much further time, a doubted step that was not taken back is believed. */
const TRIAL_MS = 7 * DAY_MS;

/** The times that the file has stored, in milliseconds. */
interface ClockRow {
  /** The time that has passed for the history; about that since 1970. */
  counted: number;
  /** The wall clock when that was written. */
  wall: number;
  /** A step of the wall clock that is not counted yet, and the counted time when it was seen. */
  doubted: number;
  doubtedAt: number;
}

/**
 * The time by which old messages are deleted: that which has passed while a client ran, and while none
 * did if the wall clock has gone on by a week at most. A longer step counts once the clock has gone on
 * from there for a week; one back counts nothing.
 */
export class HistoryClock {
  readonly #db: DatabaseSync;
  #row: ClockRow;
  /** When the row was right, by the clock of `performance.now`. */
  #since = performance.now();

  constructor(db: DatabaseSync, wall = Date.now()) {
    this.#db = db;
    this.#row = this.#read() ?? { ...this.#first(wall), wall, doubted: 0, doubtedAt: 0 };
    this.#step(wall);
    this.save(wall);
  }

  /** The time now. */
  get now(): number {
    return Math.round(this.#row.counted + performance.now() - this.#since);
  }

  /** The days that the wall clock has gone on and that are not counted, as a whole number. */
  get doubtedDays(): number {
    return Math.round(this.#row.doubted / DAY_MS);
  }

  /** Writes down how late it is, if that was not done for an hour. */
  saveHourly(): void {
    if (performance.now() - this.#since > HOUR_MS) this.save();
  }

  /** Writes down how late it is. Other clients may have done so: the later time counts. */
  save(wall = Date.now()): void {
    const [step, ran] = [wall - this.#row.wall, this.now - this.#row.counted];
    const passed = step >= ran && step <= MAX_STEP_MS ? step : ran; // the machine may have slept
    const counted = Math.max(this.#row.counted + passed, this.#read()?.counted ?? 0);
    this.#row = { ...this.#row, counted, wall };
    this.#since = performance.now();
    const { doubted, doubtedAt } = this.#row;
    const sql =
      "REPLACE INTO clock (id, counted, wall, doubted, doubted_at) VALUES (1, ?, ?, ?, ?)";
    this.#db.prepare(sql).run(counted, wall, doubted, doubtedAt);
  }

  #step(wall: number): void {
    const row = this.#row;
    const step = wall - row.wall;
    row.wall = wall;
    if (step > MAX_STEP_MS) {
      row.doubted += step;
      row.doubtedAt = row.counted;
    } else if (step >= 0) row.counted += step;
    else row.doubted = Math.max(0, row.doubted + step); // the clock was put right
    if (row.doubted > 0 && row.counted - row.doubtedAt >= TRIAL_MS) {
      row.counted += row.doubted;
      row.doubted = 0;
    }
  }

  /** In a file of an earlier version: not much after its last message. */
  #first(wall: number): { counted: number } {
    const last = this.#db.prepare("SELECT at FROM message ORDER BY id DESC LIMIT 1").get();
    return { counted: last === undefined ? wall : Math.min(wall, Number(last.at) + MAX_STEP_MS) };
  }

  #read(): ClockRow | undefined {
    const row = this.#db.prepare("SELECT * FROM clock WHERE id = 1").get();
    return row && {
      counted: Number(row.counted),
      wall: Number(row.wall),
      doubted: Number(row.doubted),
      doubtedAt: Number(row.doubted_at),
    };
  }
}
