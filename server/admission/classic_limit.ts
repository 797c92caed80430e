import { getLogger } from "@logtape/logtape";
import { serverLimits } from "../limits.ts";

const logger = getLogger(["mim", "server"]);
/** Below the limit by this part at first, classic clients are told that they can log in again. */
const SLACK = 0.05;

/** Up to how many users online classic clients are let in: they can only be told of everybody. */
export class ClassicLimit {
  readonly #users: number;
  #isFull = false;

  /** @param users 0 lifts the limit */
  constructor(users: number = serverLimits.classicTableUsers) {
    this.#users = users;
  }

  /** The reason why no classic client more may log in; undefined if there is none. */
  reject(online: number): { readonly code: "classic-full"; readonly reason: string } | undefined {
    if (this.#users === 0 || online < this.#users) return undefined;
    const reason = `over ${this.#users} users are too many for a classic client`;
    return { code: "classic-full", reason };
  }

  /** Whether the welcome is to say that classic clients can't log in. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** To be called now and then; returns whether {@linkcode ClassicLimit.isFull} has changed. */
  check(online: number): boolean {
    const isFull = this.reject(this.#isFull ? online * (1 + SLACK) : online) !== undefined;
    if (isFull === this.#isFull) return false;
    this.#isFull = isFull;
    const limit = { limit: this.#users };
    if (isFull) {
      logger.warning("{limit} users are online: no classic client can log in from now on", limit);
    } else logger.info("below {limit} users: classic clients can log in again", limit);
    return true;
  }
}
