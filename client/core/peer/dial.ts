import {
  addressBlock,
  isHostAddress,
  isLinkLocal,
  isLoopback,
  isPrivateAddress,
  limits,
  plainAddress,
} from "../../../protocol/mod.ts";
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
  /**
   * Whether nothing proves yet who the user is. Anybody can announce any address, and would learn from
   * the dial what is there: a stranger is dialed only at the address that the server has seen, and at
   * others of its block.
   */
  readonly isStranger: boolean;
}

/** Why a user is not dialed at all, in a few words; undefined if nothing speaks against it. */
export function whyNotDialed(
  { address, port, isStranger }: Pick<DialTarget, "address" | "port" | "isStranger">,
): string | undefined {
  if (!isHostAddress(address)) {
    return `the server gives no IP address of a machine, but "${address}"`;
  }
  if (!isStranger || port >= limits.firstUserPort) return undefined;
  return `nobody new is called at a port below ${limits.firstUserPort}`;
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
  const { address, isStranger } = user;
  const further = user.addresses ?? [];
  if (isStranger && user.port < limits.firstUserPort) return [];
  const first = [address].filter(isHostAddress);
  const isLast = last !== undefined && !isStranger && isHostAddress(last) && further.includes(last);
  if (isLast) first.unshift(last);
  if (further.length === 0 && !first.some(isLinkLocal)) return [...new Set(first)];
  const interfaces = network.interfaces?.() ?? [];
  const own = new Set(interfaces.map(({ address }) => withoutScope(address)));
  const maySeePrivate = isPrivateAddress(address) && [...own].some(isPrivateAddress);
  const isAllowed = (other: string) =>
    !isStranger || addressBlock(other) === addressBlock(plainAddress(address)) &&
      (maySeePrivate || !isPrivateAddress(other));
  const others = further.map(withoutScope).map(plainAddress)
    .filter((address) => isHostAddress(address) && !isLoopback(address) && !own.has(address))
    .filter(isAllowed);
  // Link-local ones come last: each takes an attempt for every interface.
  const isWide = (address: string) => !isLinkLocal(address);
  const ordered = [...first, ...interleaved(others.filter(isWide)), ...others.filter(isLinkLocal)];
  // A link-local address is valid on one link only. Since nobody knows which, each is tried.
  const names = linkLocalInterfaces(network, ordered.find(isLinkLocal) ?? "");
  return [...new Set(ordered.flatMap((address) => withInterfaces(address, names)))];
}
