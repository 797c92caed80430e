import { addressBlock } from "../../protocol/mod.ts";

/**
 * The oldest of those from the fullest block of addresses, who makes room for the next. There is no end of
 * addresses, but each attacker has few blocks.
 *
 * @param all the oldest first
 */
export function oldestOfFullest<Peer extends { readonly address: string }>(
  all: readonly Peer[],
): Peer | undefined {
  return firstOfLargest(all, ({ address }) => addressBlock(address));
}

/**
 * The same of the fullest address, for those of one block.
 *
 * @param all the oldest first
 */
export function oldestOfFullestAddress<Peer extends { readonly address: string }>(
  all: readonly Peer[],
): Peer | undefined {
  return firstOfLargest(all, ({ address }) => address);
}

function firstOfLargest<Peer>(
  all: readonly Peer[],
  groupOf: (peer: Peer) => string,
): Peer | undefined {
  let largest: readonly Peer[] = [];
  for (const group of Map.groupBy(all, groupOf).values()) {
    if (group.length > largest.length) largest = group;
  }
  return largest[0];
}
