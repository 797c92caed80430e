/** Dialing with a time limit, and racing several addresses as RFC 8305 ("Happy Eyeballs") describes. */

import type { Connection, Network } from "./network.ts";

/** How long a dial may take, to a server or to a peer. */
export const DIAL_TIMEOUT_MS = 10_000;
/** How long an attempt has before the next address is tried beside it. */
export const ATTEMPT_DELAY_MS = 250;

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
 * host name and races its addresses.
 *
 * @throws {DOMException} `TimeoutError`, or the signal's reason; else as `Deno.connect`
 */
export function dial(
  network: Network,
  hostname: string,
  port: number,
  signal?: AbortSignal,
): Promise<Connection> {
  return dialFirst(network, [hostname], port, signal);
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
    const connection = await race(network, addresses, port, limited);
    connection.setNoDelay();
    return connection;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

async function race(
  network: Network,
  addresses: readonly string[],
  port: number,
  signal: AbortSignal,
): Promise<Connection> {
  const { promise, resolve, reject } = Promise.withResolvers<Connection>();
  const others = new AbortController();
  const either = AbortSignal.any([signal, others.signal]);
  const failures: unknown[] = [];
  let next = 0;
  let won = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const succeeded = (connection: Connection) => {
    if (won) return connection.close(); // another was faster
    won = true;
    clearTimeout(timer);
    resolve(connection);
    others.abort(new Error("another address answered first"));
  };
  const failed = (error: unknown) => {
    failures.push(error);
    if (won) return;
    if (failures.length < addresses.length && !signal.aborted) return tryNext();
    clearTimeout(timer);
    reject(mostTelling(failures));
  };
  const tryNext = () => {
    clearTimeout(timer);
    const hostname = addresses[next++];
    if (hostname === undefined) return;
    network.connect({ hostname, port, signal: either }).then(succeeded, failed);
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
