/** How long a process must not have run to count as paused. */
const MIN_PAUSE_MS = 10_000;

/** Notices that this process did not run for a while: the machine slept, or the process was stopped. */
export class PauseDetector {
  // On some systems `performance.now` stands still while the machine sleeps.
  #lookedAt = Date.now();

  /**
   * To be called every second or so.
   *
   * @returns how long the process did not run since the last call, in milliseconds; 0 if it ran. A wall
   *   clock that was set forward counts, too
   */
  look(): number {
    const before = this.#lookedAt;
    this.#lookedAt = Date.now();
    const elapsed = this.#lookedAt - before;
    return elapsed < MIN_PAUSE_MS ? 0 : elapsed;
  }
}
