import {
  formatAddress,
  formatServerLink,
  type HostPort,
  isLinkLocal,
  isLoopback,
  parseAddress,
} from "../protocol/mod.ts";
import { type InterfaceAddress, isBridge, isTunnel, isVirtual } from "./platform/net/interfaces.ts";

/** How others reach a server. */
export interface JoinPlace {
  /** The address that it listens at; `::` and `0.0.0.0` mean every one. */
  readonly hostname: string;
  /** The port that it listens at. */
  readonly port: number;
  /** The name or address, perhaps with a port, that others are to use instead. */
  readonly advertise?: string | undefined;
  /** The server's key; undefined for one that speaks classic MIM only. */
  readonly publicKey?: Uint8Array | undefined;
}

/**
 * The address of this machine that others most likely reach: real network cards before bridges, these
 * before tunnels, and these before containers and virtual machines, and IPv4 before IPv6; never loopback, link-local or
 * unspecified. Undefined if there is none.
 *
 * @param listening the address that the server listens at: `0.0.0.0` takes IPv4 only
 */
export function reachableAddress(
  interfaces: readonly InterfaceAddress[],
  listening = "::",
): string | undefined {
  const candidates = interfaces.filter(({ address }) =>
    !isLoopback(address) && !/^(169\.254\.|fe[89ab][\da-f]:|::$|0\.0\.0\.0$)/i.test(address) &&
    (listening === "::" || !address.includes(":"))
  );
  const rank = (at: InterfaceAddress) =>
    (isVirtual(at.name) ? 6 : isTunnel(at) ? 4 : isBridge(at.name) ? 2 : 0) +
    (at.address.includes(":") ? 1 : 0);
  return candidates.toSorted((a, b) => rank(a) - rank(b))[0]?.address;
}

/** The address that others join with. */
export function joinAddress(
  place: JoinPlace,
  interfaces: readonly InterfaceAddress[] | undefined,
): string {
  const { hostname, port } = joinPlace(place, interfaces);
  return formatAddress(hostname, port);
}

/** The link that others join with, and know the server's key by; undefined for a server without one. */
export function joinLink(
  place: JoinPlace,
  interfaces: readonly InterfaceAddress[] | undefined,
): string | undefined {
  const { publicKey } = place;
  return publicKey && formatServerLink(joinPlace(place, interfaces), publicKey);
}

function joinPlace(
  { hostname, port, advertise }: JoinPlace,
  interfaces: readonly InterfaceAddress[] | undefined,
): HostPort {
  if (advertise !== undefined) return parseAddress(advertise, port);
  const known = isEvery(hostname)
    ? reachableAddress(interfaces ?? [], hostname) ?? "localhost"
    : hostname;
  return { hostname: known, port };
}

/**
 * The line with the command for others to join, and a shell comment if that works on some machines only.
 */
export function joinHint(
  place: JoinPlace,
  interfaces: readonly InterfaceAddress[] | undefined,
): string {
  const { hostname, advertise } = place;
  const server = joinLink(place, interfaces) ?? joinAddress(place, interfaces);
  const line = `others join with: ${PROGRAM} --server ${server}`;
  if (advertise !== undefined) return line;
  if (isLoopback(hostname)) return `${line}  # on this machine only`;
  if (isLinkLocal(hostname)) return `${line}  # elsewhere: with the name of the interface there`;
  if (!isEvery(hostname)) return line;
  if (interfaces === undefined) {
    return `${line}  # elsewhere: this machine's address, not localhost`;
  }
  if (reachableAddress(interfaces, hostname) !== undefined) return line;
  return `${line}  # on this machine only: it is in no network`;
}

/**
 * The client, as others start it: installed as this program is, or in a copy of the project's folder.
 * npx fetches Deno, so the command works on every machine that has Node; with Deno alone, leave it out.
 */
const PROGRAM = import.meta.url.endsWith("/join_hint.ts")
  ? `npx -y deno@${Deno.version.deno} task client`
  : "mim";

function isEvery(address: string): boolean {
  return address === "::" || address === "0.0.0.0";
}
