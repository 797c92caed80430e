import { PATIENCE } from "./patience.ts";

// Of the real time, whatever time a test makes for itself.
const { setTimeout, clearTimeout } = globalThis;

/** What the promise gives, or `late` where it takes too long. */
export async function beforeDeadline<Value>(promise: Promise<Value>): Promise<Value | "late"> {
  const { promise: deadline, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(() => resolve("late"), PATIENCE);
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What the promise gives, for promises that time alone would not settle: a test that fails is better
 * than one that never ends.
 *
 * @param what the error's words for it
 * @throws {Error} where it takes too long
 */
export async function inTime<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  const value = await beforeDeadline(promise);
  if (value === "late") throw new Error(`expected ${what} within ${PATIENCE} ms`);
  return value;
}
