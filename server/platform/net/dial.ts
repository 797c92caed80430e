/** Dialing with a time limit, and racing several addresses as RFC 8305 ("Happy Eyeballs") describes. */

import { deadline } from "@std/async/deadline";
import { formatAddress, isIpAddress, isLinkLocal } from "../../../protocol/mod.ts";
import { closeQuietly, type Connection, type Network, systemNetwork } from "./network.ts";

/** How long a dial may take, to a server or to a peer. */
export const DIAL_TIMEOUT_MS = 10_000;
/** How long an attempt has before the next address is tried beside it. */
export const ATTEMPT_DELAY_MS = 250;
/** How long the other links have to answer, too: an address that a link lacks fails after 3 s. */
const OTHER_LINKS_MS = 4_000;
/** How long a name server has after a dial has failed, to know which of the two did not answer. */
const LOOKUP_TIMEOUT_MS = 1_000;

/** The order to try addresses in: IPv6 first, then the two families in turn, each in its own order. */
export function interleaved(addresses: readonly string[]): string[] {
  const unique = [...new Set(addresses)];
  const ipv6 = unique.filter((address) => address.includes(":"));
  const ipv4 = unique.filter((address) => !address.includes(":"));
  return Array.from({ length: Math.max(ipv6.length, ipv4.length) })
    .flatMap((_, at) => [ipv6[at], ipv4[at]])
    .filter((address) => address !== undefined);
}

/**
 * Connects to a host, or gives up after {@linkcode DIAL_TIMEOUT_MS}. The network itself looks up a
 * host name and races its addresses. A link-local address without an interface is dialed on every
 * link; each link may have another machine with that address, so only one may answer.
 *
 * @throws {AmbiguousAddressError} if several links have a machine with that address
 * @throws {DOMException} `TimeoutError`, or the signal's reason; else as `Deno.connect`
 */
export async function dial(
  network: Network,
  hostname: string,
  port: number,
  signal?: AbortSignal,
): Promise<Connection> {
  const addresses = withInterfaces(hostname, linkLocalInterfaces(network, hostname));
  if (addresses.length <= 1) return await dialHost(network, addresses[0] ?? hostname, port, signal);
  const abort = new AbortController();
  const either = signal === undefined ? abort.signal : AbortSignal.any([abort.signal, signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const dials = addresses.map((address) => dialFirst(network, [address], port, either));
  for (const dialed of dials) {
    dialed.then(() => {
      timer ??= setTimeout(() => abort.abort(new Error("too late")), OTHER_LINKS_MS);
    }, () => {});
  }
  const results = await Promise.allSettled(dials);
  clearTimeout(timer);
  const connections = results.flatMap((it) => it.status === "fulfilled" ? [it.value] : []);
  const [connection, ...others] = connections;
  if (connection !== undefined && others.length === 0) return connection;
  for (const each of connections) closeQuietly(each);
  if (connection !== undefined) throw new AmbiguousAddressError(addresses[0] ?? hostname);
  signal?.throwIfAborted();
  throw mostTelling(results.flatMap((it) => it.status === "rejected" ? [it.reason] : []));
}

/**
 * Connects to a host as {@linkcode dial} does, but at some of its addresses only if there is none other
 * that answers.
 *
 * @param last places as `formatAddress` has them
 */
export async function dialOthersFirst(
  network: Network,
  hostname: string,
  port: number,
  last: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Connection> {
  const addresses = last.size === 0 || isIpAddress(hostname) || network !== systemNetwork
    ? []
    : await lookUpAll(hostname);
  const others = addresses.filter((address) => !last.has(formatAddress(address, port)));
  if (others.length > 0 && others.length < addresses.length) {
    try {
      return await dialFirst(network, interleaved(others), port, signal);
    } catch {
      signal.throwIfAborted();
    }
  }
  return await dial(network, hostname, port, signal);
}

/** The addresses of a host; none if they are not found in time. */
async function lookUpAll(hostname: string): Promise<string[]> {
  const { lookup } = await import("node:dns/promises");
  const found = deadline(lookup(hostname, { all: true }), LOOKUP_TIMEOUT_MS);
  return await found.then((all) => all.map(({ address }) => address), () => []);
}

async function dialHost(
  network: Network,
  hostname: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  try {
    return await dialFirst(network, [hostname], port, signal);
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    if (!isLate || isIpAddress(hostname) || network !== systemNetwork) throw error;
    throw await isLookedUp(hostname) ? error : new NameServerError();
  }
}

/** Whether a host name is looked up in time. */
async function isLookedUp(hostname: string): Promise<boolean> {
  const { lookup } = await import("node:dns/promises");
  return await deadline(lookup(hostname), LOOKUP_TIMEOUT_MS).then(() => true, () => false);
}

/** No name server answers in time, so nobody knows whether there is such a host. */
export class NameServerError extends Error {
  override readonly name = "NameServerError";

  constructor() {
    super("the name server does not answer");
  }
}

/** Machines on several links have the same link-local address. */
export class AmbiguousAddressError extends Error {
  override readonly name = "AmbiguousAddressError";

  /** @param example the address with an interface */
  constructor(example: string) {
    super(
      `several networks have a machine with that address; name the interface, as in ${example}`,
    );
  }
}

/** A link-local address with each of the interfaces; any other address alone. */
export function withInterfaces(address: string, interfaces: readonly string[]): string[] {
  if (!isLinkLocal(address) || address.includes("%")) return [address];
  return interfaces.map((name) => `${address}%${name}`);
}

/** The interfaces that have a link-local address; none are looked up unless `address` is one. */
export function linkLocalInterfaces(network: Network, address: string): string[] {
  if (!isLinkLocal(address)) return [];
  const interfaces = network.interfaces?.() ?? [];
  return [...new Set(interfaces.filter((own) => isLinkLocal(own.address)).map(({ name }) => name))];
}

/**
 * Connects to whichever address answers first, in the order to try them. The next one is tried when
 * the one before has failed or has had {@linkcode ATTEMPT_DELAY_MS}.
 *
 * @throws {TypeError} without an address; else as {@linkcode dial}, the most telling error
 */
export async function dialFirst(
  network: Network,
  addresses: readonly string[],
  port: number,
  signal?: AbortSignal,
): Promise<Connection> {
  if (addresses.length === 0) throw new TypeError("expected an address to dial, got none");
  const timeout = AbortSignal.timeout(DIAL_TIMEOUT_MS);
  const limited = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  try {
    const connect = (hostname: string, signal: AbortSignal) =>
      network.connect({ hostname, port, signal });
    const connection = await raceAddresses(addresses, connect, limited);
    connection.setNoDelay();
    return connection;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/**
 * Resolves to the result of the first attempt that succeeds, in the order to try the addresses. The next
 * one is tried when the one before has failed or has had {@linkcode ATTEMPT_DELAY_MS}.
 *
 * @param attempt its result is closed if another was faster
 * @param isEven whether the next address waits its time even if the one before has failed, so that
 *   nobody learns from the pace what is at an address
 * @throws the most telling error of all attempts
 */
export async function raceAddresses<Address, Result extends { close(): void }>(
  addresses: readonly Address[],
  attempt: (address: Address, signal: AbortSignal) => Promise<Result>,
  signal: AbortSignal,
  isEven = false,
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const others = new AbortController();
  const either = AbortSignal.any([signal, others.signal]);
  const failures: unknown[] = [];
  let next = 0;
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const succeeded = (result: Result) => {
    if (isOver) return result.close(); // another was faster, or nobody wants it any more
    isOver = true;
    clearTimeout(timer);
    resolve(result);
    others.abort(new Error("another address answered first"));
  };
  const failed = (error: unknown) => {
    failures.push(error);
    if (isOver) return;
    if (failures.length < addresses.length && !signal.aborted) {
      return isEven ? undefined : tryNext();
    }
    isOver = true;
    clearTimeout(timer);
    reject(mostTelling(failures));
  };
  const tryNext = () => {
    clearTimeout(timer);
    const address = addresses[next++];
    if (address === undefined) return;
    attempt(address, either).then(succeeded, failed);
    if (next < addresses.length) timer = setTimeout(tryNext, ATTEMPT_DELAY_MS);
  };
  tryNext();
  return await promise;
}

/** An answer from the other end says more than an attempt that never left this machine. */
function mostTelling(errors: readonly unknown[]): unknown {
  const telling = errors.map((error): number =>
    error instanceof Deno.errors.ConnectionRefused
      ? 3
      : error instanceof DOMException
      ? 1
      : error instanceof Error && /unreachable|no route|not available/i.test(error.message)
      ? 0
      : 2
  );
  return errors[telling.indexOf(Math.max(...telling))];
}
