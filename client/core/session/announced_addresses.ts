import {
  isHostAddress,
  isLinkLocal,
  isLoopback,
  isPrivateAddress,
  limits,
} from "../../../protocol/mod.ts";
import {
  type InterfaceAddress,
  isTunnel,
  isVirtual,
} from "../../../server/platform/net/interfaces.ts";

/**
 * The addresses to announce beside the one that the server sees: the machine's other addresses, the
 * most useful first. Never loopback, and none of virtual interfaces, which other machines have too.
 *
 * @param listening the one address that the client listens at; undefined for every one
 * @param link both ends of the connection with the server
 */
export function announcedAddresses(
  interfaces: readonly InterfaceAddress[],
  listening: string | undefined,
  link: { readonly own: string; readonly server: string },
): string[] {
  const everywhere = listening === undefined || listening === "::" || listening === "0.0.0.0";
  const candidates = everywhere
    ? interfaces.filter(({ name }) => !isVirtual(name))
      .toSorted((one, other) => Number(isTunnel(one)) - Number(isTunnel(other)))
      .map(({ address }) => withoutScope(address))
    : [withoutScope(listening)];
  // Behind a NAT the server sees another address than the own one, which is of use in the own network.
  const seen = isPrivateAddress(link.own) && !isPrivateAddress(link.server) ? undefined : link.own;
  return [...new Set(candidates)]
    .filter((address) => isHostAddress(address) && !isLoopback(address) && address !== seen)
    .filter((address) => listening !== "0.0.0.0" || !address.includes(":"))
    .toSorted((one, other) => rank(one) - rank(other))
    .slice(0, limits.furtherAddresses);
}

/** An address without the interface behind it, which means something on its own machine alone. */
export function withoutScope(address: string): string {
  return address.replace(/%.*$/, "");
}

function rank(address: string): number {
  return isLinkLocal(address) ? 2 : address.includes(":") ? 1 : 0;
}
