/** IP addresses as text: their syntax and their kind. Nothing is looked up. */

const OCTET = String.raw`(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
/** Four decimal numbers; no short forms and no leading zeros, which some programs read as octal. */
const IPV4 = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);
/** Any text of a colon and the characters of IPv6, and a zone. */
const IPV6 = /^([\da-f.]*:[\da-f:.]*)(?:%[\w.~-]+)?$/i;
/** Private networks (RFC 1918, RFC 6598), and one link (RFC 3927). */
const PRIVATE_IPV4 =
  /^(10|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])|169\.254)\./;
/** The groups before the IPv4 address in an IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2). */
const MAPPED = [0, 0, 0, 0, 0, 0xffff];

/**
 * An IP address with an IPv4-mapped IPv6 address (`::ffff:192.0.2.7`) written as IPv4. Whatever else
 * comes is returned as it is.
 *
 * @example
 * ```ts
 * import { plainAddress } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(plainAddress("::ffff:192.0.2.7"), "192.0.2.7");
 * assertEquals(plainAddress("2001:db8::7"), "2001:db8::7");
 * ```
 */
export function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

/**
 * Whether a text is an IP address: IPv4 as four decimal numbers, or IPv6 as RFC 4291 writes it, also
 * with a zone (`fe80::1%eth0`). A host name is none, nor are `127.1` and `0x7f.0.0.1`, which a
 * system's resolver takes for addresses.
 *
 * @example
 * ```ts
 * import { isIpAddress } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["192.0.2.7", "::1"].map(isIpAddress), [true, true]);
 * assertEquals(["localhost", "127.1", ""].map(isIpAddress), [false, false, false]);
 * ```
 */
export function isIpAddress(text: string): boolean {
  return groupsOf(text) !== undefined;
}

/**
 * Whether a text is the IP address of one machine: neither unspecified (`0.0.0.0`, `::`), which many
 * systems take for themselves, nor multicast, broadcast or reserved.
 *
 * @example
 * ```ts
 * import { isHostAddress } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["192.0.2.7", "::1"].map(isHostAddress), [true, true]);
 * assertEquals(["0.0.0.0", "ff02::1", "evil.example"].map(isHostAddress), [false, false, false]);
 * ```
 */
export function isHostAddress(text: string): boolean {
  const groups = groupsOf(text);
  if (groups === undefined) return false;
  const ipv4 = ipv4Network(groups);
  if (ipv4 !== undefined) return ipv4 > 0 && ipv4 < 224;
  return groups.some((group) => group > 0) && (groups[0] ?? 0) < 0xff00;
}

/**
 * Whether an IP address means the machine itself: 127.0.0.0/8 or ::1, however it is written.
 *
 * @example
 * ```ts
 * import { isLoopback } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["127.0.0.1", "::1", "::ffff:7f00:1"].map(isLoopback), [true, true, true]);
 * assertEquals(["192.0.2.7", "localhost"].map(isLoopback), [false, false]);
 * ```
 */
export function isLoopback(address: string): boolean {
  const groups = groupsOf(address);
  if (groups === undefined) return false;
  return ipv4Network(groups) === 127 || groups.join(":") === "0:0:0:0:0:0:0:1";
}

/**
 * Whether an IP address means something on one link alone, and has to be dialed with an interface
 * (RFC 4291, section 2.5.6).
 *
 * @example
 * ```ts
 * import { isLinkLocal } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["fe80::7", "fe80::7%eth0", "::1"].map(isLinkLocal), [true, true, false]);
 * ```
 */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab][\da-f]:/i.test(address);
}

/**
 * Whether an IP address is one of a private network (RFC 1918, RFC 6598, RFC 4193), or of one link.
 *
 * @example
 * ```ts
 * import { isPrivateAddress } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["192.168.1.5", "fd00::7", "fe80::7"].map(isPrivateAddress), [true, true, true]);
 * assertEquals(["192.0.2.7", "2001:db8::7", "::1"].map(isPrivateAddress), [false, false, false]);
 * ```
 */
export function isPrivateAddress(address: string): boolean {
  const groups = groupsOf(address);
  if (groups === undefined) return false;
  if (ipv4Network(groups) !== undefined) return PRIVATE_IPV4.test(dotted(groups));
  const [first = 0] = groups;
  return (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80;
}

/**
 * The block of addresses that one owner has, as far as an address tells: its /24 in IPv4, its /64 in
 * IPv6. Addresses of one block give the same text; a text that is no IP address is returned as it is.
 *
 * @example
 * ```ts
 * import { addressBlock } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(addressBlock("192.0.2.7"), "192.0.2.0/24");
 * assertEquals(addressBlock("2001:db8::7"), "2001:db8:0:0::/64");
 * ```
 */
export function addressBlock(address: string): string {
  const groups = groupsOf(address);
  if (groups === undefined) return address;
  if (ipv4Network(groups) !== undefined) return dotted(groups).replace(/\d+$/, "0/24");
  return `${groups.slice(0, 4).map((group) => group.toString(16)).join(":")}::/64`;
}

/** An IPv4 address in its usual form. */
function dotted(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}

/** The first of an IPv4 address's four numbers; undefined for IPv6. */
function ipv4Network(groups: readonly number[]): number | undefined {
  return MAPPED.every((group, at) => group === groups[at]) ? (groups[6] ?? 0) >> 8 : undefined;
}

/** The eight 16-bit groups of an address, IPv4 as mapped IPv6; undefined if it is none. */
function groupsOf(address: string): readonly number[] | undefined {
  const ipv4 = ipv4Groups(address);
  if (ipv4 !== undefined) return [...MAPPED, ...ipv4];
  const text = IPV6.exec(address)?.[1];
  if (text === undefined) return undefined;
  const [left, right, ...more] = text.split("::").map((side, at, sides) =>
    ipv6Groups(side, at === sides.length - 1)
  );
  if (left === undefined || more.length > 0) return undefined;
  if (right === undefined) return text.includes("::") || left.length !== 8 ? undefined : left;
  const gap = 8 - left.length - right.length;
  return gap < 1 ? undefined : [...left, ...Array<number>(gap).fill(0), ...right];
}

/** The two 16-bit groups that an IPv4 address takes in IPv6. */
function ipv4Groups(text: string): number[] | undefined {
  const [, a, b, c, d] = IPV4.exec(text) ?? [];
  if (d === undefined) return undefined;
  return [Number(a) << 8 | Number(b), Number(c) << 8 | Number(d)];
}

/** The groups on one side of a `::`; the address may end in IPv4. */
function ipv6Groups(text: string, atEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [at, part] of parts.entries()) {
    const ipv4 = atEnd && at === parts.length - 1 ? ipv4Groups(part) : undefined;
    if (ipv4 !== undefined) groups.push(...ipv4);
    else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(parseInt(part, 16));
    else return undefined;
  }
  return groups;
}
