import { formatAddress, isLoopback } from "../protocol/mod.ts";
import { type InterfaceAddress, isVirtual } from "./platform/net/interfaces.ts";

/**
 * The address of this machine that others most likely reach: IPv4 before IPv6, real interfaces
 * before virtual ones; never loopback, link-local or unspecified. Undefined if there is none.
 */
export function reachableAddress(interfaces: readonly InterfaceAddress[]): string | undefined {
  const candidates = interfaces.filter(({ address }) =>
    !isLoopback(address) && !/^(169\.254\.|fe[89ab][\da-f]:|::$|0\.0\.0\.0$)/i.test(address)
  );
  const rank = ({ name, address }: InterfaceAddress) =>
    (isVirtual(name) ? 2 : 0) + (address.includes(":") ? 1 : 0);
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
  interfaces: readonly InterfaceAddress[] | undefined,
): string {
  const known = isEvery(listening) ? reachableAddress(interfaces ?? []) ?? "localhost" : listening;
  return formatAddress(known, port);
}

/**
 * The line with the command for others to join, and a shell comment if that works on some machines only.
 *
 * @param listening the address that the server listens at
 */
export function joinHint(
  listening: string,
  port: number,
  interfaces: readonly InterfaceAddress[] | undefined,
): string {
  const line = `others join with: ${PROGRAM} --server ${joinAddress(listening, port, interfaces)}`;
  if (isLoopback(listening)) return `${line}  # on this machine only`;
  if (!isEvery(listening)) return line;
  if (interfaces === undefined) {
    return `${line}  # elsewhere: this machine's address, not localhost`;
  }
  if (reachableAddress(interfaces) !== undefined) return line;
  return `${line}  # on this machine only: it is in no network`;
}

/**
 * The client, as others start it: compiled as this program is, or in a copy of the project's folder.
 * npx fetches Deno, so the command works on every machine that has Node; with Deno alone, leave it out.
 */
const PROGRAM = Deno.build.standalone ? "mim" : `npx -y deno@${Deno.version.deno} task client`;

function isEvery(address: string): boolean {
  return address === "::" || address === "0.0.0.0";
}
