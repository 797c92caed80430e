/** A timeout is noticed at one of so many checks. */
const CHECKS_PER_TIMEOUT = 5;

/** Notices that a peer which should send something now and then has been silent for too long. */
export class IdleTimeout {
  readonly #onIdle: (silentMs: number) => void;
  readonly #timeoutMs: number;
  readonly #checkIntervalMs: number;
  #timer: ReturnType<typeof setTimeout>;
  #urgentTimer: ReturnType<typeof setTimeout> | undefined;
  #idleChecks = 0;

  /** @param onIdle called once, up to a fifth later, with how long it was silent in milliseconds */
  constructor(timeoutMs: number, onIdle: (silentMs: number) => void) {
    this.#timeoutMs = timeoutMs;
    this.#checkIntervalMs = timeoutMs / CHECKS_PER_TIMEOUT;
    this.#onIdle = onIdle;
    this.#timer = setTimeout(this.#check, this.#checkIntervalMs);
  }

  /** Something has come. This is cheap, since it is called for every message. */
  reset(): void {
    this.#idleChecks = -1; // the time until the next check is not a whole one
    if (this.#urgentTimer === undefined) return;
    clearTimeout(this.#urgentTimer);
    this.#urgentTimer = undefined;
  }

  /** The current silence may not take longer than that. */
  expectWithin(timeoutMs: number): void {
    this.#urgentTimer ??= setTimeout(() => this.#expire(timeoutMs), timeoutMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#urgentTimer);
  }

  readonly #check = (): void => {
    this.#idleChecks++;
    if (this.#idleChecks >= CHECKS_PER_TIMEOUT) return this.#expire(this.#timeoutMs);
    this.#timer = setTimeout(this.#check, this.#checkIntervalMs);
  };

  #expire(silentMs: number): void {
    this.stop();
    this.#onIdle(silentMs);
  }
}
