import { formatAddress, isLoopback } from "../protocol/mod.ts";

/** What is needed of `Deno.networkInterfaces()`. */
export interface InterfaceAddress {
  readonly name: string;
  readonly address: string;
}

/** Interfaces that others can't reach: containers, bridges and virtual machines of this host. */
const VIRTUAL = /^(lo|docker|br-|veth|virbr|vmnet|vboxnet|cni|flannel)/;

/**
 * The address of this machine that others most likely reach: IPv4 before IPv6, real interfaces
 * before virtual ones; never loopback, link-local or unspecified. Undefined where there is none.
 */
export function reachableAddress(interfaces: readonly InterfaceAddress[]): string | undefined {
  const candidates = interfaces.filter(({ address }) =>
    !isLoopback(address) && !/^(169\.254\.|fe[89ab][\da-f]:|::$|0\.0\.0\.0$)/i.test(address)
  );
  const rank = ({ name, address }: InterfaceAddress) =>
    (VIRTUAL.test(name) ? 2 : 0) + (address.includes(":") ? 1 : 0);
  return candidates.toSorted((a, b) => rank(a) - rank(b))[0]?.address;
}

/**
 * The address that others join with.
 *
 * @param listening the address that the server listens at; `::` and `0.0.0.0` mean every one
 */
export function joinAddress(
  listening: string,
  port: number,
  interfaces: readonly InterfaceAddress[],
): string {
  const every = listening === "::" || listening === "0.0.0.0";
  return formatAddress(every ? reachableAddress(interfaces) ?? "localhost" : listening, port);
}

/** The command that others join with, as this program was started: compiled, or by Deno. */
export function joinCommand(address: string): string {
  return `${Deno.build.standalone ? "mim" : "deno task client"} --server ${address}`;
}

/** This machine's interfaces; none where the permission to ask is missing. */
export function localInterfaces(): readonly InterfaceAddress[] {
  const allowed = Deno.permissions.querySync({ name: "sys", kind: "networkInterfaces" });
  return allowed.state === "granted" ? Deno.networkInterfaces() : [];
}
