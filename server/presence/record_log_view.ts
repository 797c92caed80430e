import { setImmediate } from "node:timers";
import type { LogView, LogWindow } from "./log_view.ts";

/** So many clients are told a new epoch's secret in a turn of the event loop. */
const EPOCH_NOTICES_PER_TURN = 500;

/** A place in the log: how many log records of the epoch stand before it. */
export interface LogPlace {
  readonly epoch: number;
  readonly number: number;
}

/** A place at an offset. */
export interface PlaceAt extends LogPlace {
  readonly offset: number;
}

/** An epoch that begins in the log. */
export interface EpochStart {
  readonly epoch: number;
  readonly secret: Uint8Array;
  /** The number of the last record of the epoch before. */
  readonly lastNumber: number;
  /** The offset of its first record. */
  readonly offset: number;
}

/** The clients' side of the log of records. No slice of it goes over the beginning of an epoch. */
export class RecordLogView {
  readonly #log: LogView;
  readonly #onMoreTurns: () => void;
  /** The places behind each block, the oldest first, as far back as any client may need it. */
  #places: PlaceAt[] = [];
  /** Epochs that began and that not every client has come to. */
  #starts: EpochStart[] = [];
  #noticesLeft = EPOCH_NOTICES_PER_TURN;

  /** @param onMoreTurns is called when further clients may be told of a new epoch */
  constructor(log: LogView, onMoreTurns: () => void) {
    this.#log = log;
    this.#onMoreTurns = onMoreTurns;
  }

  /** The number of the present epoch. */
  get epoch(): number {
    return this.#places.at(-1)?.epoch ?? 0;
  }

  /** The offset after the last block. */
  get end(): number {
    return this.#log.end;
  }

  /** Moves on: all bytes that a client still needs are in the window. */
  move(window: LogWindow): void {
    this.#log.move(window);
  }

  /** The bytes from an offset on, up to the beginning of an epoch or the last that clients may see. */
  from(offset: number): Uint8Array {
    const next = this.#starts.find((start) => start.offset > offset);
    return this.#log.from(offset, next?.offset);
  }

  /** Notes a place, instead of the one that was noted at the same offset. */
  note(place: PlaceAt): void {
    if (this.#places.at(-1)?.offset === place.offset) this.#places.pop();
    this.#places.push(place);
  }

  /** Notes that an epoch begins. */
  begin(start: EpochStart): void {
    this.#starts.push(start);
  }

  /** The places from an offset on, the oldest first. */
  placesFrom(offset: number): PlaceAt[] {
    const first = this.#places.findLastIndex((place) => place.offset < offset) + 1;
    return this.#places.slice(first);
  }

  /** The epochs that begin at an offset or behind it. */
  startsFrom(offset: number): EpochStart[] {
    return this.#starts.filter((start) => start.offset >= offset);
  }

  /** How many records stand before an offset at which a slice ended. */
  placeAt(offset: number): LogPlace {
    let low = 0;
    for (let high = this.#places.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((this.#places[middle]?.offset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const place = this.#places[low - 1];
    if (place === undefined) {
      throw new RangeError(`expected an offset that is needed, got ${offset}`);
    }
    return place;
  }

  /** The epoch that begins at an offset. */
  epochStartingAt(offset: number): EpochStart | undefined {
    return this.#starts.find((start) => start.offset === offset);
  }

  /** Whether one more client may be told of an epoch in this turn; if so, counts it. */
  takeEpochNotice(): boolean {
    if (this.#noticesLeft === 0) return false;
    if (this.#noticesLeft-- === EPOCH_NOTICES_PER_TURN) {
      setImmediate(() => {
        const isAll = this.#noticesLeft > 0;
        this.#noticesLeft = EPOCH_NOTICES_PER_TURN;
        if (!isAll) this.#onMoreTurns();
      });
    }
    return true;
  }

  /** Forgets what stands before an offset that every client has passed. */
  trim(oldest: number): void {
    const needed = Math.min(oldest, this.end);
    const first = this.#places.findLastIndex((place) => place.offset <= needed);
    if (first > 0) this.#places.splice(0, first);
    this.#starts = this.#starts.filter((start) => start.offset >= needed);
  }
}
