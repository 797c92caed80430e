/**
 * Waits until a condition holds, looking again at every turn of the event loop.
 *
 * @param what the error's words for the condition
 * @param time how long at most, in milliseconds; only a failing test waits that long
 */
export async function poll(condition: () => boolean, what: string, time = 10_000): Promise<void> {
  const until = performance.now() + time;
  while (!condition()) {
    if (performance.now() > until) throw new Error(`expected ${what} within ${time} ms`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
