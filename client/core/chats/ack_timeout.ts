import { limits } from "../../../protocol/mod.ts";

/**
 * How long a peer that owes an acknowledgement may be silent. A shorter silence would tell the server
 * nothing: a peer that has answered its ping meanwhile is there.
 */
const ACK_TIMEOUT_MS = limits.unreachableTimeoutMs;
/** How often it is checked in that time. */
const CHECKS = 4;

/** Notices that a peer that owes an acknowledgement is silent, once for each such silence. */
export class AckTimeout {
  readonly #isOwed: () => boolean;
  readonly #onTimeout: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silentChecks = 0;
  #hasTimedOut = false;

  /** @param onTimeout called if no acknowledgement came for too long, up to a quarter later */
  constructor(isOwed: () => boolean, onTimeout: () => void) {
    this.#isOwed = isOwed;
    this.#onTimeout = onTimeout;
  }

  expect(): void {
    if (this.#hasTimedOut || this.#timer !== undefined) return;
    this.#silentChecks = 0;
    this.#checkLater();
  }

  /** The peer has sent something. This is cheap, since it is called for every message. */
  heard(): void {
    this.#silentChecks = -1; // the time until the next check is not a whole one
    if (!this.#hasTimedOut) return;
    this.#hasTimedOut = false;
    this.expect();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#hasTimedOut = false;
  }

  #checkLater(): void {
    this.#timer = setTimeout(this.#check, ACK_TIMEOUT_MS / CHECKS);
  }

  readonly #check = (): void => {
    this.#timer = undefined;
    if (!this.#isOwed()) return;
    this.#silentChecks++;
    if (this.#silentChecks < CHECKS) return this.#checkLater();
    this.#hasTimedOut = true;
    this.#onTimeout();
  };
}
