import { isHostAddress, isLinkLocal, isLoopback, plainAddress } from "../../../protocol/mod.ts";
import type { Connection, Network } from "../../../server/platform/net/network.ts";
import {
  dialFirst,
  interleaved,
  linkLocalInterfaces,
  withInterfaces,
} from "../../../server/platform/net/dial.ts";
import { withoutScope } from "../session/mod.ts";

export interface DialTarget {
  readonly address: string;
  readonly port: number;
  /** The other addresses that the user announces. */
  readonly addresses?: readonly string[];
}

/**
 * Connects to a user at the address that answers first. They are tried 250 ms apart: the one at which the
 * user was reached last, if the user still announces it, then that of the table, then the others.
 *
 * @param last the address at which the user was reached last
 * @throws the most telling error of all attempts; `TypeError` if there is no address to dial
 */
export async function dialUser(
  network: Network,
  user: DialTarget,
  signal?: AbortSignal,
  last?: string,
): Promise<Connection> {
  const addresses = addressesOf(user, network, last);
  return await dialFirst(network, addresses, user.port, signal);
}

/**
 * The addresses of a user in the order to dial them. An announcement must not make others dial their own
 * machine, so loopback and this machine's addresses are left out of it.
 */
export function addressesOf(user: DialTarget, network: Network, last?: string): string[] {
  const { address, addresses: further = [] } = user;
  const first = [address].filter(isHostAddress);
  if (last !== undefined && isHostAddress(last) && further.includes(last)) first.unshift(last);
  if (further.length === 0 && !first.some(isLinkLocal)) return [...new Set(first)];
  const interfaces = network.interfaces?.() ?? [];
  const own = new Set(interfaces.map(({ address }) => withoutScope(address)));
  const others = further.map(withoutScope).map(plainAddress)
    .filter((address) => isHostAddress(address) && !isLoopback(address) && !own.has(address));
  // Link-local ones come last: each takes an attempt for every interface.
  const isWide = (address: string) => !isLinkLocal(address);
  const ordered = [...first, ...interleaved(others.filter(isWide)), ...others.filter(isLinkLocal)];
  // A link-local address is valid on one link only. Since nobody knows which, each is tried.
  const names = linkLocalInterfaces(network, ordered.find(isLinkLocal) ?? "");
  return [...new Set(ordered.flatMap((address) => withInterfaces(address, names)))];
}
