/** Waiting for a condition, an event or a promise. Tests never sleep. */

import { AssertionError } from "@std/assert";

// The real ones, even if a test replaces them.
const { setTimeout, clearTimeout } = globalThis;
const now = performance.now.bind(performance);

/**
 * How long a wait may take, in milliseconds. Only a failing test waits that long, so a busy machine
 * fails no test.
 */
export const PATIENCE = 60_000;

/**
 * Waits until a condition holds; checks it at every turn of the event loop.
 *
 * @param what the condition, in the words of the error
 * @throws {Error} if it takes too long
 */
export async function poll(condition: () => boolean, what: string): Promise<void> {
  const end = now() + PATIENCE;
  while (!condition()) {
    if (now() > end) throw new Error(`expected ${what} within ${PATIENCE} ms`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/**
 * Repeats assertions until they hold, for things that change a moment later, like a page.
 *
 * @throws {AssertionError} the last one, if they don't hold in time
 */
export async function eventually(assertions: () => Promise<void>): Promise<void> {
  const end = now() + PATIENCE;
  for (;;) {
    try {
      return await assertions();
    } catch (error) {
      if (!(error instanceof AssertionError) || now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Resolves to the promise's value, or to `late` if it takes too long. */
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
 * Resolves to the promise's value. A test that fails is better than one that never ends.
 *
 * @param what the value, in the words of the error
 * @throws {Error} if it takes too long
 */
export async function inTime<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  const value = await beforeDeadline(promise);
  if (value === "late") throw new Error(`expected ${what} within ${PATIENCE} ms`);
  return value;
}

/** Waits for conditions that only input from outside can change: checks them after each input. */
export class Arrivals {
  readonly #wakers = new Set<() => void>();

  /** Reports that something has arrived. */
  wake(): void {
    for (const wake of this.#wakers) wake();
  }

  /**
   * Waits until a condition holds.
   *
   * @param what the condition, in the words of the error
   * @param got what arrived instead, in the words of the error
   * @throws {Error} if it takes too long
   */
  async until(condition: () => boolean, what: string, got: () => string): Promise<void> {
    const late = Promise.withResolvers<never>();
    const fail = () => late.reject(new Error(`expected ${what}, got ${got()}`));
    const timer = setTimeout(fail, PATIENCE);
    try {
      while (!condition()) {
        const more = Promise.withResolvers<void>();
        this.#wakers.add(more.resolve);
        await Promise.race([more.promise, late.promise]);
        this.#wakers.delete(more.resolve);
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
