/** How often the clocks are compared, and how long a sleep has to be. */
const TICK_MS = 2_000;
const MIN_SLEEP_MS = 10_000;

/**
 * Calls back, until the returned function is called, when the machine wakes from sleep: the wall clock has gone on, while the clock of the
 * timers has stood still. A program that was only suspended does not count.
 */
export function onWakeFromSleep(onWake: () => void): () => void {
  let before = clockDifference();
  let timer = setTimeout(check, TICK_MS);
  function check(): void {
    const now = clockDifference();
    const jump = now - before;
    before = now;
    timer = setTimeout(check, TICK_MS);
    if (jump > MIN_SLEEP_MS) onWake();
  }
  return () => clearTimeout(timer);
}

/** How far the wall clock is ahead of the timers' clock: more after each sleep. */
function clockDifference(): number {
  return Date.now() - performance.now();
}
