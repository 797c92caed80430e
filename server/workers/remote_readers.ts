import type { LogReader, LogReaders } from "../presence/mod.ts";

/** The readers of a log that the workers keep, as the owner of the log sees them. */
export class RemoteReaders implements LogReaders {
  readonly #readers = new Set<LogReader>();
  readonly #oldest: () => number;
  readonly #onShow: (since: number) => void;

  /**
   * @param oldest the smallest offset that any of them needs
   * @param onShow tells the workers that their clients may read on
   */
  constructor(oldest: () => number, onShow: (since: number) => void) {
    this.#oldest = oldest;
    this.#onShow = onShow;
  }

  get size(): number {
    return this.#readers.size;
  }

  get oldestCursor(): number {
    return this.#oldest();
  }

  join(reader: LogReader): void {
    this.#readers.add(reader);
  }

  leave(reader: LogReader): void {
    this.#readers.delete(reader);
  }

  show(_end: number, since: number): void {
    this.#onShow(since);
  }

  clear(): void {
    this.#readers.clear();
  }

  // Workers do these by themselves.
  moved(): void {}
  pump(): void {}
  tick(): void {}
}
