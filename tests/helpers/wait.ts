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
 * @param got what there is instead, in the words of the error
 * @throws {Error} if it takes too long
 */
export async function poll(
  condition: () => boolean | Promise<boolean>,
  what: string,
  got?: () => string,
): Promise<void> {
  const end = now() + PATIENCE;
  while (!await condition()) {
    if (now() > end) {
      throw new Error(`expected ${what} within ${PATIENCE} ms${got ? `, got ${got()}` : ""}`);
    }
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

interface Waiter<Item> {
  readonly matches: (item: Item) => boolean;
  readonly resolve: (item: Item | undefined) => void;
}

/**
 * What has arrived, and waits for what is to come. Each item answers one wait only, and items that
 * answer none stay, so they may arrive in any order.
 */
export class Inbox<Item> {
  /** What no wait has taken, in order. */
  readonly unread: Item[] = [];
  readonly #waiters = new Set<Waiter<Item>>();
  #ended = false;

  /** Adds an item. */
  add(item: Item): void {
    for (const waiter of this.#waiters) {
      if (!waiter.matches(item)) continue;
      this.#waiters.delete(waiter);
      return waiter.resolve(item);
    }
    this.unread.push(item);
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true;
    for (const waiter of this.#waiters) waiter.resolve(undefined);
  }

  /** Takes the first item that matches; undefined if none comes before the end, or in time. */
  async take(matches: (item: Item) => boolean): Promise<Item | undefined> {
    const index = this.unread.findIndex(matches);
    if (index >= 0) return this.unread.splice(index, 1)[0];
    if (this.#ended) return undefined;
    const { promise, resolve } = Promise.withResolvers<Item | undefined>();
    const waiter = { matches, resolve };
    this.#waiters.add(waiter);
    const item = await beforeDeadline(promise);
    this.#waiters.delete(waiter);
    return item === "late" ? undefined : item;
  }
}
