/**
 * Whether an IP address is in a network.
 *
 * @param cidr such as `192.0.2.0/24`, or an address in it with the length of the network's part
 *
 * @example
 * ```ts
 * import { isInNetwork } from "./network_range.ts";
 * import { assert } from "@std/assert";
 *
 * assert(isInNetwork("192.0.2.7", "192.0.2.200/24"));
 * assert(!isInNetwork("192.0.3.7", "192.0.2.200/24"));
 * assert(isInNetwork("fe80::7", "fe80::1/64"));
 * ```
 */
export function isInNetwork(address: string, cidr: string): boolean {
  const [network = "", length] = cidr.split("/");
  const [one, other] = [bitsOf(address), bitsOf(network)];
  if (one === undefined || other === undefined || one.length !== other.length) return false;
  const count = Number(length);
  return one.slice(0, count) === other.slice(0, count);
}

/** An address as text of zeros and ones; undefined if it is none. */
function bitsOf(address: string): string | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) {
    return address.split(".").map((part) => Number(part).toString(2).padStart(8, "0")).join("");
  }
  if (!/^[\da-f:]+$/i.test(address)) return undefined;
  const [head = "", tail] = address.split("::");
  const groups = (text: string) => text === "" ? [] : text.split(":");
  const [before, after] = [groups(head), groups(tail ?? "")];
  if (tail === undefined && before.length !== 8) return undefined;
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  return [...before, ...zeros, ...after].map((group) =>
    parseInt(group, 16).toString(2).padStart(16, "0")
  ).join("");
}
