import type { OutboxEntries, OutboxEntry } from "./outbox_entries.ts";

/** Timers count no further, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Gives messages up that have waited long enough, counted by a clock that nobody sets. */
export class OutboxExpiry {
  readonly #entries: OutboxEntries;
  readonly #onExpired: (entry: OutboxEntry) => void;

  constructor(entries: OutboxEntries, onExpired: (entry: OutboxEntry) => void) {
    this.#entries = entries;
    this.#onExpired = onExpired;
  }

  expireIn(entry: OutboxEntry, timeMs: number): void {
    entry.expiresAt = performance.now() + timeMs;
    this.#watch(entry);
  }

  /** Nothing expires until the next start, so that no timer keeps the program from ending. */
  stop(): void {
    for (const entry of this.#entries) {
      clearTimeout(entry.timer);
      entry.timer = undefined;
    }
  }

  start(): void {
    for (const entry of this.#entries) {
      if (entry.timer === undefined && entry.expiresAt !== undefined) this.#watch(entry);
    }
  }

  #watch(entry: OutboxEntry): void {
    const left = Math.max(0, (entry.expiresAt ?? 0) - performance.now());
    const expire = () => left > MAX_TIMER_MS ? this.#watch(entry) : this.#onExpired(entry);
    entry.timer = setTimeout(expire, Math.min(left, MAX_TIMER_MS));
  }
}
