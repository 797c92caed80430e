/** Which of a host's several addresses to connect to, as RFC 8305 ("Happy Eyeballs") has it. */

import type { Connection } from "./network.ts";

/** How long an attempt has before the next address is tried beside it, in milliseconds. */
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
 * Connects to whichever address answers first. The next is tried when the one before has failed, or
 * has had {@linkcode ATTEMPT_DELAY_MS}; the others are given up.
 *
 * @param addresses in the order to try them, at least one
 * @param connect makes one attempt; rejects once its signal gives up
 * @param signal gives up all of it
 * @throws the most telling error of the attempts
 */
export async function connectToFirst(
  addresses: readonly string[],
  connect: (address: string, signal: AbortSignal) => Promise<Connection>,
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
    const address = addresses[next++];
    if (address === undefined) return;
    connect(address, either).then(succeeded, failed);
    if (next < addresses.length) timer = setTimeout(tryNext, ATTEMPT_DELAY_MS);
  };
  tryNext();
  return await promise;
}

/** What an error says of the other end: more where it has answered than where nothing went out. */
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
