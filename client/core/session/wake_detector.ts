/** How often is looked, and how long a sleep has to be, in milliseconds. */
const TICK_MS = 2_000;
const MIN_SLEEP_MS = 10_000;

/**
 * Calls back when the machine wakes from sleep: then the wall clock has gone on while the clock that
 * timers run by has stood still. A program that was only suspended does not count.
 *
 * @returns a function that ends it
 */
export function onWakeFromSleep(woke: () => void): () => void {
  let before = slept();
  let timer = setTimeout(look, TICK_MS);
  function look(): void {
    const now = slept();
    const jump = now - before;
    before = now;
    timer = setTimeout(look, TICK_MS);
    if (jump > MIN_SLEEP_MS) woke();
  }
  return () => clearTimeout(timer);
}

/** How far the wall clock is ahead of the timers' clock: more after each sleep. */
function slept(): number {
  return Date.now() - performance.now();
}
