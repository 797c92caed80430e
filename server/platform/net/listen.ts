/** Listening at one address, or at every address of the machine. */

import { isLinkLocal } from "../../../protocol/mod.ts";
import { closeQuietly, type Connection, type Listener, type Network } from "./network.ts";

/** How often another port is tried if the system picks one that is free for IPv6 alone. */
const MAX_PICKS = 8;

/**
 * Listens at one address, or at every address of the machine.
 *
 * @param hostname an address; undefined or `::` for every one, IPv6 and IPv4, whether the system does
 *   that with one socket or needs two. Undefined settles for IPv4 on a machine without IPv6
 * @throws {RangeError} for a port that is none; else as `Deno.listen`
 */
export function listenAt(network: Network, hostname: string | undefined, port: number): Listener {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`expected a port from 0 to 65535, got ${port}`);
  }
  if (hostname !== undefined && hostname !== "::") return listenAtOne(network, hostname, port);
  for (let picks = 1;; picks++) {
    try {
      return listenAtBoth(network, port);
    } catch (error) {
      const isInUse = error instanceof Deno.errors.AddrInUse;
      if (isInUse && port === 0 && picks < MAX_PICKS) continue;
      if (isInUse || hostname === "::") throw error;
      return network.listen({ hostname: "0.0.0.0", port }); // a machine without IPv6
    }
  }
}

/** A link-local address is listened at with the interface that has it, and keeps that in its text. */
function listenAtOne(network: Network, hostname: string, port: number): Listener {
  const [zoned = hostname] = isLinkLocal(hostname) && !hostname.includes("%")
    ? (network.interfaces?.() ?? []).filter(({ address }) => address === hostname)
      .map(({ name }) => `${hostname}%${name}`)
    : [];
  const listener = network.listen({ hostname: zoned, port });
  if (!isLinkLocal(zoned)) return listener;
  return new ListenerGroup([listener], { hostname: zoned, port: listener.addr.port });
}

function listenAtBoth(network: Network, port: number): Listener {
  const ipv6 = network.listen({ hostname: "::", port });
  try {
    const ipv4 = network.listen({ hostname: "0.0.0.0", port: ipv6.addr.port });
    return new ListenerGroup([ipv6, ipv4], ipv6.addr);
  } catch (error) {
    const isInUse = error instanceof Deno.errors.AddrInUse;
    // In use by the very socket that listens at `::`, or by another program.
    if (!isInUse || !takesIpv4(network)) {
      if (!isInUse) return ipv6; // a machine without IPv4
      closeQuietly(ipv6);
      throw error;
    }
    return ipv6;
  }
}

const networksThatTakeIpv4 = new WeakMap<Network, boolean>();

/** Whether a socket at `::` takes IPv4, too: not on Windows, nor with Linux's `bindv6only`. */
function takesIpv4(network: Network): boolean {
  return networksThatTakeIpv4.getOrInsertComputed(network, () => {
    const ipv6 = network.listen({ hostname: "::", port: 0 });
    try {
      closeQuietly(network.listen({ hostname: "0.0.0.0", port: ipv6.addr.port }));
      return false;
    } catch {
      return true;
    } finally {
      closeQuietly(ipv6);
    }
  });
}

/** Some listeners as one. */
class ListenerGroup implements Listener {
  readonly addr: Listener["addr"];
  readonly #listeners: readonly Listener[];
  /** The next connection of each listener. */
  readonly #next = new Map<
    Listener,
    Promise<{ from: Listener; connection: Promise<Connection> }>
  >();

  constructor(listeners: readonly Listener[], addr: Listener["addr"]) {
    this.#listeners = listeners;
    this.addr = addr;
  }

  async accept(): Promise<Connection> {
    const next = this.#listeners.map((from) =>
      this.#next.getOrInsertComputed(from, () => {
        const connection = from.accept();
        const settled = { from, connection };
        return connection.then(() => settled, () => settled);
      })
    );
    const { from, connection } = await Promise.race(next);
    this.#next.delete(from);
    return await connection;
  }

  close(): void {
    for (const listener of this.#listeners) closeQuietly(listener);
    for (const next of this.#next.values()) {
      void next.then(({ connection }) => connection.then(closeQuietly, () => {}));
    }
    this.#next.clear();
  }
}
