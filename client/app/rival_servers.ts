import { equals } from "@std/bytes/equals";
import type { ServerAddress } from "../../protocol/mod.ts";
import { findServers, type Store } from "../core/mod.ts";

/** A server that goes on in the place of one that this client runs. */
export interface RivalServer {
  /** As sent: not safe to print. */
  readonly title: string;
  /** Its addresses, with its key. */
  readonly servers: readonly [ServerAddress, ...ServerAddress[]];
}

/**
 * Finds servers that are to go on in the place of one with this key: those that clients run with a smaller
 * key, and all that the user knows. So of any number of clients that host on one network, one is left.
 *
 * @param signal ends the search
 */
export async function* rivalServers(
  ownKey: Uint8Array,
  store: Pick<Store, "placesOf"> | undefined,
  signal: AbortSignal,
): AsyncGenerator<RivalServer, void> {
  for await (const { title, key, port, addresses, isHosted } of findServers(signal)) {
    const [first, ...others] = addresses.map((hostname) => ({ hostname, port, key }));
    if (first === undefined || key === undefined || equals(key, ownKey)) continue;
    const isFirst = isHosted && key.toHex() < ownKey.toHex();
    const isKnown = !isHosted && (await store?.placesOf(key) ?? []).length > 0;
    if (isFirst || isKnown) yield { title, servers: [first, ...others] };
  }
}
