/**
 * Limits something to once in so many milliseconds.
 *
 * @returns a function that says whether it may happen now, and if so counts it
 *
 * @example
 * ```ts
 * import { throttle } from "./throttle.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const mayLog = throttle(1_000);
 * assertEquals([mayLog(0), mayLog(999), mayLog(1_000)], [true, false, true]);
 * ```
 */
export function throttle(intervalMs: number): (now?: number) => boolean {
  let last = -Infinity;
  return (now = performance.now()) => {
    if (now - last < intervalMs) return false;
    last = now;
    return true;
  };
}
