import { limits } from "../../../protocol/mod.ts";

/**
 * How long a peer that owes an acknowledgement may be silent. A shorter silence would tell the server
 * nothing: a peer that has answered its ping meanwhile is there.
 */
const ACK_TIMEOUT_MS = limits.unreachableTimeoutMs;
/** How often it is checked in that time. */
const CHECKS = 4;

/** The longest silence until it is noticed again, in times of the first. */
const MAX_FACTOR = 8;

/**
 * Notices that a peer that owes an acknowledgement is silent: after that time, and again after twice,
 * four times and each further eight times as long.
 */
export class AckTimeout {
  readonly #isOwed: () => boolean;
  readonly #onTimeout: (times: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silentChecks = 0;
  #timeouts = 0;

  /**
   * @param onTimeout called if no acknowledgement came for too long, up to a quarter later, with how
   *   often it was in this silence
   */
  constructor(isOwed: () => boolean, onTimeout: (times: number) => void) {
    this.#isOwed = isOwed;
    this.#onTimeout = onTimeout;
  }

  expect(): void {
    if (this.#timer !== undefined) return;
    this.#silentChecks = this.#timeouts = 0;
    this.#checkLater();
  }

  /** The peer has sent something. This is cheap, since it is called for every message. */
  heard(): void {
    this.#silentChecks = -1; // the time until the next check is not a whole one
    this.#timeouts = 0;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #checkLater(): void {
    this.#timer = setTimeout(this.#check, ACK_TIMEOUT_MS / CHECKS);
  }

  readonly #check = (): void => {
    this.#timer = undefined;
    if (!this.#isOwed()) return;
    this.#silentChecks++;
    this.#checkLater();
    if (this.#silentChecks < CHECKS * Math.min(2 ** this.#timeouts, MAX_FACTOR)) return;
    this.#silentChecks = 0;
    this.#timeouts++;
    this.#onTimeout(this.#timeouts);
  };
}
