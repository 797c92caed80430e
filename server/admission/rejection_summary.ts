import type { RejectionCode } from "./rejection.ts";

const MINUTE_MS = 60_000;

/** Rejections of a minute besides the first. */
export interface RepeatedRejections {
  /** An IPv4 address or an IPv6 network. */
  readonly network: string;
  readonly code: RejectionCode;
  readonly more: number;
}

/**
 * Counts rejections by network and code, so that the log needs one line for the first of a minute and one
 * for all others. Callers pass the time, in milliseconds of any clock that doesn't go back.
 */
export class RejectionSummary {
  readonly #counts = new Map<
    string,
    RepeatedRejections & { more: number; readonly since: number }
  >();

  /** Counts a rejection; returns whether it is the first of its network and code in a minute. */
  count(network: string, code: RejectionCode, now: number): boolean {
    const key = `${network} ${code}`;
    const before = this.#counts.get(key);
    if (before === undefined) this.#counts.set(key, { network, code, more: 0, since: now });
    else before.more++;
    return before === undefined;
  }

  /** The rejections of minutes that are over, besides the first of each network and code. */
  *takeDue(now: number): Generator<RepeatedRejections, void> {
    for (const [key, count] of this.#counts) {
      if (now - count.since < MINUTE_MS) continue;
      this.#counts.delete(key);
      if (count.more > 0) yield { network: count.network, code: count.code, more: count.more };
    }
  }
}
