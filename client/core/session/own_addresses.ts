import { plainAddress } from "../../../protocol/mod.ts";
import type { Network } from "../../../server/platform/net/network.ts";
import { withoutScope } from "./announced_addresses.ts";

/** How often this machine's addresses are looked up. */
const TICK_MS = 2_000;

/**
 * Calls back, until the returned function is called, when addresses of this machine have come or gone.
 * Does nothing where they can't be looked up.
 *
 * @param onChange has the addresses that have gone, without their interfaces
 */
export function watchOwnAddresses(
  network: Network,
  onChange: (gone: ReadonlySet<string>) => void,
): () => void {
  let before = ownAddresses(network);
  if (before.size === 0) return () => {};
  let timer = setTimeout(check, TICK_MS);
  function check(): void {
    timer = setTimeout(check, TICK_MS);
    const now = ownAddresses(network);
    if (now.size === 0) return; // not even loopback: they could not be looked up
    const gone = before.difference(now);
    const hasChanged = gone.size > 0 || now.size > before.size;
    before = now;
    if (hasChanged) onChange(gone);
  }
  return () => clearTimeout(timer);
}

/** An address of this machine as sockets name it: without its interface, IPv4 as IPv4. */
export function plainOwnAddress(address: string): string {
  return plainAddress(withoutScope(address));
}

function ownAddresses(network: Network): ReadonlySet<string> {
  const interfaces = network.interfaces?.() ?? [];
  return new Set(interfaces.map(({ address }) => plainOwnAddress(address)));
}
