import {
  displayName,
  formatServerLink,
  type ServerAddress,
  shortAddress,
} from "../../protocol/mod.ts";
import { dial } from "../../server/platform/net/dial.ts";
import { closeQuietly, systemNetwork } from "../../server/platform/net/network.ts";
import {
  findByDns,
  findServers,
  loadServerSearch,
  placeOf,
  PublicKey,
  type Store,
} from "../core/mod.ts";
import { DEFAULT_SERVER } from "./login_options.ts";

/** How long the network is asked, and how long others have to answer once one server has. */
const SEARCH_TIMEOUT_MS = 500;
const OTHERS_TIMEOUT_MS = 150;
/** Anybody can announce servers: further ones are not offered. */
const MAX_OFFERS = 16;

/** A server that was found on the network. Nothing is proven: it may not be there, or be another. */
export interface OfferedServer {
  /** As sent: not safe to print. */
  readonly title: string;
  /** Its addresses, to be tried in turn, with the announced key. */
  readonly servers: readonly [ServerAddress, ...ServerAddress[]];
  /** Whether the announced key, or the place, is that of a server that was met before. */
  readonly isKnown: boolean;
}

/** How a search goes. */
export interface SearchOptions {
  /** The store with the known servers; without it none is known. */
  readonly store?: Pick<Store, "placesOf" | "serverKey"> | undefined;
  /** Whether it takes the whole time, or ends soon after the first answer. Default: false. */
  readonly takesAll?: boolean;
  /** Gives the search up: it ends with what was found. */
  readonly signal?: AbortSignal;
}

/**
 * Looks for servers on this network for at most half a second: by multicast DNS, then the records of
 * the search domain. It ends at once if a known server answers.
 */
export async function searchServers(
  { store, takesAll = false, signal }: SearchOptions = {},
): Promise<OfferedServer[]> {
  await loadServerSearch();
  const enough = new AbortController();
  const signals = [enough.signal, AbortSignal.timeout(SEARCH_TIMEOUT_MS)];
  const ending = AbortSignal.any(signal === undefined ? signals : [...signals, signal]);
  const looking = findByDns(ending);
  const offers: OfferedServer[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const { title, key, port, addresses } of findServers(ending)) {
    const [first, ...others] = addresses.map((hostname) => ({ hostname, port, key }));
    if (first === undefined || offers.length >= 2 * MAX_OFFERS) continue;
    const isKnown = key !== undefined && (await store?.placesOf(key) ?? []).length > 0;
    if (offers.length >= MAX_OFFERS && !isKnown) continue; // lies hide no server that is known
    offers.push({ title, servers: [first, ...others], isKnown });
    if (takesAll) continue;
    if (isKnown) enough.abort();
    timer ??= setTimeout(() => enough.abort(), OTHERS_TIMEOUT_MS);
  }
  clearTimeout(timer);
  if (offers.length > 0 && !takesAll) return offers;
  for (const server of await looking) offers.push(await namedByDns(server, store));
  return offers;
}

/** Looks for half a second for servers that claim one of these keys: the first to do so may lie. */
export async function findServersByKey(
  keys: readonly Uint8Array[],
): Promise<readonly ServerAddress[]> {
  const wanted = new Set(keys.map((key) => key.toHex()));
  const placesOf = (key: Uint8Array) => Promise.resolve(wanted.has(key.toHex()) ? ["known"] : []);
  const serverKey = () => Promise.resolve(keys[0]); // DNS announces no key: each place is tried
  const offers = await searchServers({ store: { placesOf, serverKey }, takesAll: true });
  return offers.filter(({ isKnown }) => isKnown).flatMap(({ servers }) => servers);
}

/** Whether anything answers there; by default at the usual place on this machine. */
export async function isAnswering(
  { hostname, port }: ServerAddress = DEFAULT_SERVER,
): Promise<boolean> {
  try {
    closeQuietly(await dial(systemNetwork, hostname, port));
    return true;
  } catch {
    return false;
  }
}

/** A server of a search in words, safe to print: `the lab on 192.0.2.7`. */
export function describeOffer({ title, servers: [server] }: OfferedServer): string {
  return `${displayName(title)} on ${shortAddress(server)}`;
}

/**
 * The server that a number stands for; undefined if nothing was offered, or the text is no number.
 *
 * @throws {SyntaxError} if there are not so many
 */
export function chosenOffer(
  offers: readonly OfferedServer[],
  text: string,
): OfferedServer | undefined {
  if (offers.length === 0 || !/^\d{1,3}$/.test(text)) return undefined;
  const offer = offers[Number(text) - 1];
  if (offer !== undefined) return offer;
  throw new SyntaxError(`Expected a number from 1 to ${offers.length}, or a server, got "${text}"`);
}

/** The tag of the announced key; empty if there is none. */
export function offerTag({ servers: [{ key }] }: OfferedServer): string {
  return key === undefined ? "" : new PublicKey(key).tag;
}

/** A server of a search as people type it: a link if it announces a key. */
export function offerLink({ servers: [server] }: OfferedServer): string {
  return server.key === undefined ? shortAddress(server) : formatServerLink(server, server.key);
}

async function namedByDns(
  server: ServerAddress,
  store: SearchOptions["store"],
): Promise<OfferedServer> {
  const key = await store?.serverKey(placeOf(server));
  const isKnown = key !== undefined && key.length > 0;
  return { title: server.hostname, servers: [isKnown ? { ...server, key } : server], isKnown };
}
