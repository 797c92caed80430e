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
  const blocks = Map.groupBy(all, ({ address }) => addressBlock(address));
  let fullest: readonly Peer[] = [];
  for (const block of blocks.values()) if (block.length > fullest.length) fullest = block;
  return fullest[0];
}
