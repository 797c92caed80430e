/** An IPv4 address as it is; of an IPv6 address the first four of its eight groups, its /64. */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::", 2);
  const left = head.split(":");
  if (tail === undefined) return nameOf(left);
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return nameOf([...left, ...zeros, ...right]);
}

/**
 * The source of a connection, as budgets count it: the /24 of an IPv4 address, the /64 of an IPv6 address.
 *
 * @example
 * ```ts
 * import { sourceOf } from "./source.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sourceOf("192.0.2.7"), "192.0.2.0/24");
 * assertEquals(sourceOf("2001:db8::7"), "2001:db8:0:0::/64");
 * ```
 */
export function sourceOf(address: string): string {
  if (address.includes(":")) return networkOf(address);
  return `${address.split(".").slice(0, 3).join(".")}.0/24`;
}

function nameOf(groups: readonly string[]): string {
  return `${groups.slice(0, 4).join(":")}::/64`;
}
