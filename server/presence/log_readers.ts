import { BroadcastLatency } from "./broadcast_latency.ts";
import type { Allocate } from "./update_log.ts";

/** A session that reads a log. */
export interface LogReader {
  /** The offset that it needs next; undefined if it needs none. */
  readonly cursor: number | undefined;
  /** Has it read on, unless it is reading. */
  pump(): void;
}

/** All that read a log, in this thread or in others. */
export interface LogReaders {
  /** How many there are. */
  readonly size: number;
  /** The smallest offset that any of them needs; Infinity if there are none. */
  readonly oldestCursor: number;
  /** A session reads from now on. */
  join(reader: LogReader): void;
  /** A session reads no more. */
  leave(reader: LogReader): void;
  /** A session's write is done; `before` was its cursor until then. */
  moved(reader: LogReader, before: number | undefined): void;
  /**
   * Has all read on.
   *
   * @param end the offset behind the last byte that they may see
   * @param since when that was to happen, in milliseconds of `performance.now()`
   */
  show(end: number, since: number): void;
  /** Has all read on that wait for nothing but their turn. */
  pump(): void;
  /** To be called every second or so. */
  tick(): void;
  /** Lets none of them read any more. */
  clear(): void;
}

/** How a log and a table are read in other threads, if they are. */
export interface SharedReading {
  readonly allocate?: Allocate;
  readonly readers?: LogReaders;
}

const now = (): number => performance.now();

/** The readers of this thread. */
export class OwnReaders implements LogReaders {
  readonly #readers = new Set<LogReader>();
  readonly #latency: BroadcastLatency;

  /** @param onBroadcast is told now and then how long it took until all had read, in milliseconds */
  constructor(onBroadcast: (milliseconds: number) => void) {
    this.#latency = new BroadcastLatency(onBroadcast);
  }

  get size(): number {
    return this.#readers.size;
  }

  get oldestCursor(): number {
    let oldest = Infinity;
    for (const { cursor } of this.#readers) oldest = Math.min(oldest, cursor ?? Infinity);
    return oldest;
  }

  join(reader: LogReader): void {
    this.#readers.add(reader);
  }

  leave(reader: LogReader): void {
    if (this.#readers.delete(reader)) this.#latency.moved(reader, reader.cursor, undefined, now);
  }

  moved(reader: LogReader, before: number | undefined): void {
    this.#latency.moved(reader, before, reader.cursor, now);
  }

  show(end: number, since: number): void {
    this.#latency.start(end, this.#readers.values(), since);
    this.pump();
  }

  pump(): void {
    for (const reader of this.#readers) reader.pump();
  }

  tick(): void {
    this.#latency.tick(now());
  }

  clear(): void {
    this.#readers.clear();
  }
}
