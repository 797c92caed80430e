import { addressBlock } from "../../protocol/mod.ts";

/** The first of the largest. */
export function largest<Item>(
  items: Iterable<Item>,
  sizeOf: (item: Item) => number,
): Item | undefined {
  let found: Item | undefined;
  for (const item of items) {
    if (found === undefined || sizeOf(item) > sizeOf(found)) found = item;
  }
  return found;
}

/**
 * The oldest of the largest group, which makes room for the next.
 *
 * @param all the oldest first
 */
export function oldestOfLargest<Item>(
  all: Iterable<Item>,
  groupOf: (item: Item) => string,
): Item | undefined {
  return largest(Map.groupBy(all, groupOf).values(), ({ length }) => length)?.[0];
}

/**
 * The same for the fullest block of addresses. There is no end of addresses, but each attacker has few blocks.
 *
 * @param all the oldest first
 */
export function oldestOfFullestBlock<Peer extends { readonly address: string }>(
  all: Iterable<Peer>,
): Peer | undefined {
  return oldestOfLargest(all, ({ address }) => addressBlock(address));
}
