/** Servers as people name them: as an address, or as a link that holds the server's key. Nothing is looked up. */

import { DEFAULT_PORT, formatAddress, type HostPort, parseAddress } from "./address.ts";

const SCHEME = "mim://";
const KEY_BYTES = 32;
/** How many servers can be tried in turn. */
const MAX_SERVERS = 16;

/** A server, and the key that it must prove if a link has named it. */
export interface ServerAddress extends HostPort {
  /** The server's public key, 32 bytes. */
  readonly key?: Uint8Array | undefined;
}

/**
 * Reads the address of a server, as {@linkcode parseAddress} does, or a link:
 * `mim://HOST[:PORT]#KEY`. The port is {@linkcode DEFAULT_PORT} if it is left out, and never 0, at
 * which nothing can be dialed. In a link, an IPv6 address stands in brackets.
 *
 * @throws {SyntaxError} if it is none of these
 *
 * @example
 * ```ts
 * import { parseServerAddress } from "@mim/mim/protocol";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(parseServerAddress("mim.example"), { hostname: "mim.example", port: 4242 });
 * assertThrows(() => parseServerAddress("mim.example:0"), SyntaxError);
 * const link = parseServerAddress(`mim://[2001:db8::7]:7000#${"A".repeat(43)}`);
 * assertEquals(link, { hostname: "2001:db8::7", port: 7000, key: new Uint8Array(32) });
 * ```
 */
export function parseServerAddress(text: string): ServerAddress {
  return /^mim:\/\//i.test(text) ? parseLink(text) : parsePlace(text);
}

/**
 * Reads one server, or several with commas, which are tried in turn.
 *
 * @throws {SyntaxError} if one of them is none, as {@linkcode parseServerAddress}, or there are over 16
 */
export function parseServerAddresses(text: string): [ServerAddress, ...ServerAddress[]] {
  const [first = "", ...others] = text.split(",").map((each) => each.trim());
  if (others.length >= MAX_SERVERS) {
    throw new SyntaxError(`expected at most ${MAX_SERVERS} servers, got ${others.length + 1}`);
  }
  return [parseServerAddress(first), ...others.map(parseServerAddress)];
}

/**
 * The link with which others join a server, and know its key from the first moment.
 *
 * @param server a host name or an IP address, and the port
 * @param key the server's public key
 *
 * @example
 * ```ts
 * import { formatServerLink } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const link = formatServerLink({ hostname: "::1", port: 4242 }, new Uint8Array(32));
 * assertEquals(link, `mim://[::1]#${"A".repeat(43)}`);
 * ```
 */
export function formatServerLink({ hostname, port }: HostPort, key: Uint8Array): string {
  const address = formatAddress(hostname, port);
  const place = port === DEFAULT_PORT ? address.slice(0, address.lastIndexOf(":")) : address;
  return `${SCHEME}${place}#${key.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

function parseLink(text: string): ServerAddress {
  const [host = "", key = "", ...more] = text.slice(SCHEME.length).split("#");
  const place = host.replace(/\/$/, ""); // some programs put a slash behind the host
  if (key === "" || more.length > 0) {
    throw new SyntaxError(
      `expected a whole link, mim://HOST:PORT#KEY, got "${text}": ask for the link again, or leave ` +
        "out mim:// and # to trust the network at the first contact",
    );
  }
  const isPlain = !place.includes(":") || /^\[.*\](:\d+)?$|^[^:]*:\d+$/.test(place);
  if (!isPlain || /[@/?]/.test(place)) {
    throw new SyntaxError(
      `expected HOST or HOST:PORT between mim:// and #, an IPv6 address in brackets, got "${place}": ` +
        "a link looks like mim://HOST:PORT#KEY",
    );
  }
  const bytes = readKey(key);
  if (bytes === undefined) {
    throw new SyntaxError(
      `expected the 43 characters of a server's key behind #, got "${key}": the link was cut off or ` +
        "changed; ask for it again",
    );
  }
  return { ...parsePlace(place), key: bytes };
}

function parsePlace(text: string): HostPort {
  const address = parseAddress(text, DEFAULT_PORT);
  if (address.port > 0) return address;
  throw new SyntaxError(`expected a port from 1 to 65535, got "${text}"`);
}

/** A key in base64url, without padding and in its only form. */
function readKey(text: string): Uint8Array | undefined {
  if (!/^[\w-]{43}$/.test(text)) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(`${text}=`, {
      alphabet: "base64url",
      lastChunkHandling: "strict",
    });
    return bytes.length === KEY_BYTES ? bytes : undefined;
  } catch {
    return undefined;
  }
}
