/** After how many entries, and how much later, the oldest over the limits are forgotten. */
const TRIM_EVERY = 1_000;
const TRIM_DELAY_MS = 5_000;

/** Has a room forget entries that are too old or too many, when there is time. */
export class TrimTimer {
  readonly #onDue: () => void;
  #untrimmed = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** Counts an entry that has come. */
  count(): void {
    if (++this.#untrimmed % TRIM_EVERY !== 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onDue, TRIM_DELAY_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
