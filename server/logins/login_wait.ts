/** A client gives a login up after 10 s, and would not learn why. */
export const MAX_LOGIN_WAIT_MS = 9_000;

/**
 * All that a login waits for, one thing after the other: from the first one on, together no longer than its client
 * waits for an answer.
 */
export class LoginWait {
  readonly #onLate: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isLate = false;
  #pending = 0;

  /** @param onLate is called if it takes too long; nothing follows then */
  constructor(onLate: () => void) {
    this.#onLate = onLate;
  }

  /** Goes on once something is known that never rejects. */
  until<Known>(known: Promise<Known>, goOn: (known: Known) => void): void {
    this.#pending++;
    this.#timer ??= setTimeout(() => {
      this.#isLate = true;
      this.#onLate();
    }, MAX_LOGIN_WAIT_MS);
    void known.then((value) => {
      if (!this.#isLate) goOn(value);
      this.#pending--;
      if (this.#pending === 0) clearTimeout(this.#timer);
    });
  }
}
