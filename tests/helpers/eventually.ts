import { AssertionError } from "@std/assert";
import { PATIENCE } from "./patience.ts";

/**
 * Waits until assertions hold about what is asked anew each time, as a page: that may be told of one
 * thing a moment after another, and draws some of them a frame later.
 *
 * @throws {AssertionError} the last one, where they don't hold in time
 */
export async function eventually(holds: () => Promise<void>): Promise<void> {
  const until = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await holds();
    } catch (error) {
      if (!(error instanceof AssertionError) || performance.now() > until) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
