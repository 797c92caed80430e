/** How often is looked in the time that a silence may take. */
const CHECK_INTERVAL_MS = 5;

/** Notices that somebody who should speak now and then has not for too long. */
export class IdleTimeout {
  readonly #tooLong: (silent: number) => void;
  readonly #patience: number;
  readonly #each: number;
  #timer: ReturnType<typeof setTimeout>;
  #hurried: ReturnType<typeof setTimeout> | undefined;
  #silentLooks = 0;

  /**
   * @param patience how long a silence may take, in milliseconds; it is noticed up to a fifth later
   * @param tooLong called once, with how long it was silent at least
   */
  constructor(patience: number, tooLong: (silent: number) => void) {
    this.#patience = patience;
    this.#each = patience / CHECK_INTERVAL_MS;
    this.#tooLong = tooLong;
    this.#timer = setTimeout(this.#look, this.#each);
  }

  /** Something was said; this is cheap, whatever comes in. */
  heard(): void {
    this.#silentLooks = -1; // the time until the next look is not a whole one
    if (this.#hurried === undefined) return;
    clearTimeout(this.#hurried);
    this.#hurried = undefined;
  }

  /** This one silence may not take longer than that. */
  hurry(patience: number): void {
    this.#hurried ??= setTimeout(() => this.#over(patience), patience);
  }

  /** Looks no more. */
  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#hurried);
  }

  readonly #look = (): void => {
    this.#silentLooks++;
    if (this.#silentLooks >= CHECK_INTERVAL_MS) return this.#over(this.#patience);
    this.#timer = setTimeout(this.#look, this.#each);
  };

  #over(silent: number): void {
    this.stop();
    this.#tooLong(silent);
  }
}
