import { isLoopback } from "../../protocol/mod.ts";
import type { Network, SocketAddress } from "../../server/mod.ts";
import { FakeConnection } from "./fake_connection.ts";
import { FakeListener } from "./fake_listener.ts";
import type { FakeNetworkOptions } from "./fake_pipe.ts";

/** What a host knows of the network that it is in. */
export interface FakeNeighbourhood {
  readonly options: FakeNetworkOptions;
  /** Connections and listeners that nobody has closed. */
  readonly open: Set<unknown>;
  /** Who has this address; undefined where nobody has it. */
  find(address: string): FakeHost | undefined;
  /** The addresses of a host name; undefined where there is no such name. */
  resolve(name: string): readonly string[] | undefined;
}

/** A machine in a fake network: what it dials is seen to come from its address. */
export class FakeHost implements Network {
  /** Its IP address. */
  readonly address: string;
  readonly #network: FakeNeighbourhood;
  #listeners: FakeListener[] = [];
  /** The port that the system picks next. */
  #nextPort = 49_152;

  constructor(address: string, network: FakeNeighbourhood) {
    this.address = address;
    this.#network = network;
  }

  /** Listens; `::` and `0.0.0.0` mean every address of the host. */
  listen({ hostname, port }: SocketAddress): FakeListener {
    if (!isEvery(hostname) && !isLoopback(hostname) && hostname !== this.address) {
      throw new Deno.errors.AddrNotAvailable("Cannot assign requested address (os error 99)");
    }
    this.#listeners = this.#listeners.filter(({ listening }) => listening);
    const taken = this.#listeners.some(({ addr }) =>
      addr.port === port &&
      (addr.hostname === hostname || isEvery(hostname) || isEvery(addr.hostname))
    );
    if (taken) throw new Deno.errors.AddrInUse("Address already in use (os error 98)");
    const addr = { hostname, port: port === 0 ? this.#nextPort++ : port };
    const listener = new FakeListener(addr, this.#network.open);
    this.#listeners.push(listener);
    return listener;
  }

  /** The addresses of a host name. */
  // deno-lint-ignore require-await -- as the real one
  async resolve(name: string): Promise<readonly string[]> {
    return this.#network.resolve(name) ?? [name];
  }

  /** Connects; where no host has the address, nothing answers until the signal gives up. */
  async connect(
    { hostname, port, signal }: SocketAddress & { readonly signal?: AbortSignal },
  ): Promise<FakeConnection> {
    signal?.throwIfAborted();
    const address = hostname === "localhost" ? "127.0.0.1" : hostname;
    if (!/^[\d.]+$|:/.test(address)) {
      throw new Error("failed to lookup address information: Name or service not known");
    }
    if (port === 0) throw new RangeError("Invalid port (out of range): 0");
    const host = isLoopback(address) ? this : this.#network.find(address);
    if (host === undefined) {
      return await new Promise<never>((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
      });
    }
    const listener = host.#listenerAt(address, port);
    if (listener === undefined) {
      throw new Deno.errors.ConnectionRefused("Connection refused (os error 111)");
    }
    const near = { hostname: isLoopback(address) ? address : this.address, port: this.#nextPort++ };
    const far = { hostname: address, port };
    const ends = FakeConnection.pair(
      { localAddr: near, remoteAddr: far },
      { localAddr: seenAt(listener, far), remoteAddr: seenAt(listener, near) },
      this.#network.options,
      this.#network.open,
    );
    listener.offer(ends.listener);
    return ends.dialler;
  }

  #listenerAt(address: string, port: number): FakeListener | undefined {
    return this.#listeners.find(({ addr, listening }) =>
      listening && addr.port === port && (addr.hostname === address || isEvery(addr.hostname))
    );
  }
}

function isEvery(hostname: string): boolean {
  return hostname === "::" || hostname === "0.0.0.0";
}

/** A listener at `::` sees IPv4 addresses mapped into IPv6. */
function seenAt({ addr }: FakeListener, { hostname, port }: SocketAddress): SocketAddress {
  const mapped = addr.hostname === "::" && !hostname.includes(":");
  return { hostname: mapped ? `::ffff:${hostname}` : hostname, port };
}
