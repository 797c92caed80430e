import { collectGarbage } from "./collect_garbage.ts";

/** So many events, and as many as half of the connections, leave enough garbage to stand still for. */
const MIN_EVENTS = 500;
const MIN_EVENTS_PER_CONNECTION = 0.5;
/** A burst is over once there are no more of them from one look to the next. */
const MAX_EVENTS_PER_LOOK = 10;

/** Has this thread's garbage collected after many events, such as logins, once they are over. */
export class BurstCleanup {
  readonly #collect: () => Promise<void>;
  /** How many events there were at the last look, and at the last collection. */
  #seen = 0;
  #collected = 0;

  /** @param collect collects the garbage */
  constructor(collect: () => Promise<void> = collectGarbage) {
    this.#collect = collect;
  }

  /**
   * To be called every few seconds.
   *
   * @param events how many there were from the start on
   * @param connections how many there are: the more, the longer a collection takes
   */
  async look(events: number, connections: number): Promise<void> {
    const isOver = events - this.#seen <= MAX_EVENTS_PER_LOOK;
    this.#seen = events;
    const least = Math.max(MIN_EVENTS, connections * MIN_EVENTS_PER_CONNECTION);
    if (!isOver || events - this.#collected < least) return;
    this.#collected = events;
    await this.#collect();
  }
}
