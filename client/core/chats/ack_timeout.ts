import { limits } from "../../../protocol/mod.ts";

/**
 * How long somebody who owes an answer may say nothing. A shorter silence would be no news to the
 * server: whoever has answered its ping meanwhile is there.
 */
const ACK_TIMEOUT_MS = limits.unreachableTimeoutMs;
/** How often is looked in that time. */
const CHECK_INTERVAL_MS = 4;

/** Notices that somebody who owes an answer says nothing at all, once for each such silence. */
export class AckTimeout {
  readonly #owes: () => boolean;
  readonly #tooLong: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #silentLooks = 0;
  #told = false;

  /**
   * @param owes whether an answer is owed still
   * @param tooLong called where none came for too long, up to a quarter later
   */
  constructor(owes: () => boolean, tooLong: () => void) {
    this.#owes = owes;
    this.#tooLong = tooLong;
  }

  /** Something was said that is to be answered. */
  asked(): void {
    if (this.#told || this.#timer !== undefined) return;
    this.#silentLooks = 0;
    this.#lookLater();
  }

  /** The other side has said something, if not the answer; this is cheap, whatever comes in. */
  heard(): void {
    this.#silentLooks = -1; // the time until the next look is not a whole one
    if (!this.#told) return;
    this.#told = false;
    this.asked();
  }

  /** Nothing is waited for any more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#told = false;
  }

  #lookLater(): void {
    this.#timer = setTimeout(this.#look, ACK_TIMEOUT_MS / CHECK_INTERVAL_MS);
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    if (!this.#owes()) return;
    this.#silentLooks++;
    if (this.#silentLooks < CHECK_INTERVAL_MS) return this.#lookLater();
    this.#told = true;
    this.#tooLong();
  };
}
