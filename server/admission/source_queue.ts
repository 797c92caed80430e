/**
 * Items that wait, in the order in which they came, one in turn for each source. It has room for so many:
 * for one more, the oldest of the source with the most has to go.
 *
 * @typeParam Item what waits, compared by identity
 *
 * @example
 * ```ts
 * import { SourceQueue } from "./source_queue.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new SourceQueue<string>(3);
 * queue.add("eve", "e1");
 * queue.add("eve", "e2");
 * queue.add("ada", "a1");
 * assertEquals(queue.add("ada", "a2"), "e1");
 * assertEquals([queue.take(), queue.take(), queue.take()], ["e2", "a1", "a2"]);
 * ```
 */
export class SourceQueue<Item> {
  readonly #room: number;
  /** The source whose turn is next comes first. */
  readonly #sources = new Map<string, Set<Item>>();
  #size = 0;

  constructor(room: number) {
    this.#room = room;
  }

  /** How many wait. */
  get size(): number {
    return this.#size;
  }

  /** Adds an item; returns the one that has to go for it, if any. */
  add(source: string, item: Item): Item | undefined {
    const items = this.#sources.getOrInsertComputed(source, () => new Set());
    items.add(item);
    this.#size++;
    return this.#size > this.#room ? this.#takeOldest(this.#fullest()) : undefined;
  }

  /** The oldest item of a source, which waits no more. */
  takeOldest(source: string): Item | undefined {
    return this.#takeOldest(source);
  }

  /** The item whose turn it is, which waits no more. */
  take(): Item | undefined {
    const [first] = this.#sources;
    if (first === undefined) return undefined;
    const [source, items] = first;
    const item = this.#takeOldest(source);
    if (items.size > 0) {
      this.#sources.delete(source);
      this.#sources.set(source, items);
    }
    return item;
  }

  /** Removes an item that need not wait any longer. */
  delete(source: string, item: Item): void {
    const items = this.#sources.get(source);
    if (items?.delete(item) !== true) return;
    this.#size--;
    if (items.size === 0) this.#sources.delete(source);
  }

  #fullest(): string {
    let [fullest, most] = ["", 0];
    for (const [source, { size }] of this.#sources) {
      if (size > most) [fullest, most] = [source, size];
    }
    return fullest;
  }

  #takeOldest(source: string): Item | undefined {
    const [item] = this.#sources.get(source) ?? [];
    if (item !== undefined) this.delete(source, item);
    return item;
  }
}
