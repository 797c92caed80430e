import { isHostAddress, isLinkLocal, isLoopback, plainAddress } from "../../../protocol/mod.ts";
import type { Connection, Network } from "../../../server/platform/net/network.ts";
import { dialFirst, interleaved } from "../../../server/platform/net/dial.ts";
import { withoutScope } from "../session/mod.ts";

/** Whom to dial. */
export interface DialTarget {
  /** The address in the table. */
  readonly address: string;
  readonly port: number;
  /** What the user has announced beside it. */
  readonly addresses?: readonly string[];
}

/**
 * Connects to a user at whichever address answers first: the one where that user was last reached,
 * where it is among them still, then the table's, then the further ones, 250 ms apart.
 *
 * @param signal gives up
 * @param last the address at which that user was last reached
 * @throws as {@linkcode dial}, of all attempts the most telling; `TypeError` where there is no address
 *   to dial
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
 * The addresses of a user in the order to dial them. What a user announces of itself must not have
 * others dial their own machine, so that loopback and this machine's addresses are left out there.
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
  // Those of the link come last: where there are many interfaces, they take many attempts.
  const isWide = (address: string) => !isLinkLocal(address);
  const ordered = [...first, ...interleaved(others.filter(isWide)), ...others.filter(isLinkLocal)];
  const scopes = new Set(
    interfaces.filter(({ address }) => isLinkLocal(address)).map(({ name }) => name),
  );
  return [...new Set(ordered.flatMap((address) => scoped(address, [...scopes])))];
}

/**
 * A link-local address means something on one link alone. Deno takes the interface behind it, by name
 * (`fe80::1%eth0`) and on Linux by number (`fe80::1%4`), and tells the address without it; without one
 * Linux says "Invalid argument", with an unknown one "Name or service not known". As nobody knows which
 * link is meant, each is tried.
 */
function scoped(address: string, scopes: readonly string[]): string[] {
  if (!isLinkLocal(address) || address.includes("%")) return [address];
  return scopes.map((scope) => `${address}%${scope}`);
}
