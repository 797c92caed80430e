import { PATIENCE } from "./patience.ts";

// Of the real time, whatever time a test makes for itself.
const { setTimeout } = globalThis;
const now = performance.now.bind(performance);

/**
 * Waits until a condition holds, looking again at every turn of the event loop.
 *
 * @param what the error's words for the condition
 */
export async function poll(condition: () => boolean, what: string): Promise<void> {
  const until = now() + PATIENCE;
  while (!condition()) {
    if (now() > until) throw new Error(`expected ${what} within ${PATIENCE} ms`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
