/** Hosts with ports as text. Nothing is looked up. */

import { isIpAddress } from "./ip_address.ts";

/** The port of a central server that names no other. */
export const DEFAULT_PORT = 4242;

/** A host and a port. */
export interface HostPort {
  /** A host name or an IP address, IPv6 without brackets. */
  readonly hostname: string;
  /** 0 to 65,535. */
  readonly port: number;
}

/**
 * An address as one would dial it: `IP:PORT`, or `[IP]:PORT` for IPv6.
 *
 * @example
 * ```ts
 * import { formatAddress } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatAddress("192.0.2.7", 4242), "192.0.2.7:4242");
 * assertEquals(formatAddress("::1", 4242), "[::1]:4242");
 * ```
 */
export function formatAddress(hostname: string, port: number): string {
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/**
 * An address as people type it: without the port if that is {@linkcode DEFAULT_PORT}.
 *
 * @example
 * ```ts
 * import { shortAddress } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shortAddress({ hostname: "mim.example", port: 4242 }), "mim.example");
 * assertEquals(shortAddress({ hostname: "::1", port: 4242 }), "[::1]:4242");
 * ```
 */
export function shortAddress({ hostname, port }: HostPort): string {
  const isShort = port === DEFAULT_PORT && !hostname.includes(":");
  return isShort ? hostname : formatAddress(hostname, port);
}

/**
 * Reads `HOST`, `HOST:PORT`, `[IPv6]`, `[IPv6]:PORT` or a bare IPv6 address.
 *
 * @param defaultPort what stands for a port that is left out
 * @throws {SyntaxError} if it is none of these
 *
 * @example
 * ```ts
 * import { parseAddress } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseAddress("mim.example", 4242), { hostname: "mim.example", port: 4242 });
 * assertEquals(parseAddress("[::1]:7000", 4242), { hostname: "::1", port: 7000 });
 * ```
 */
export function parseAddress(text: string, defaultPort: number): HostPort {
  const parts = /^\[([^\s\[\]]*:[^\s\[\]]+)\](?::(\d{1,5}))?$/.exec(text) ??
    /^([^\s:\[\]]+)(?::(\d{1,5}))?$/.exec(text) ??
    /^([\da-fA-F]*:[\da-fA-F]*:[\da-fA-F.:]*(?:%\S+)?)$/.exec(text);
  const hostname = parts?.[1];
  const port = Number(parts?.[2] ?? defaultPort);
  if (hostname === undefined || port > 65_535 || !isHost(hostname)) {
    throw new SyntaxError(
      `expected HOST, HOST:PORT or [IPv6]:PORT with a port of at most 65535, got "${text}"`,
    );
  }
  return { hostname, port };
}

/** Whether it is an IP address, or can be a host's name: labels of 1 to 63 characters with dots. */
function isHost(text: string): boolean {
  if (text.includes(":")) return isIpAddress(text);
  return text.length <= 253 &&
    /^[\p{L}\p{M}\p{N}_-]{1,63}(\.[\p{L}\p{M}\p{N}_-]{1,63})*\.?$/u.test(text);
}
