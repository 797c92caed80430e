import type { ServerStats } from "../stats.ts";

/** Logins, logouts and probes that leave enough garbage to stand still for. */
const MIN_EVENTS = 500;
/** A burst is over once there are no more of them from one look to the next. */
const MAX_EVENTS_PER_LOOK = 10;

/** Has garbage collected after many logins or logouts, once they are over. */
export class BurstCleanup {
  readonly #collect: () => Promise<void>;
  /** How many events there were at the last look, and at the last collection. */
  #seen = 0;
  #collected = 0;

  /** @param collect collects the garbage */
  constructor(collect: () => Promise<void>) {
    this.#collect = collect;
  }

  /** To be called every few seconds. */
  async look(
    { logins, logouts, probes }: Pick<ServerStats, "logins" | "logouts" | "probes">,
  ): Promise<void> {
    const events = logins + logouts + probes.reachable + probes.unreachable;
    const isOver = events - this.#seen <= MAX_EVENTS_PER_LOOK;
    this.#seen = events;
    if (!isOver || events - this.#collected < MIN_EVENTS) return;
    this.#collected = events;
    await this.#collect();
  }
}
