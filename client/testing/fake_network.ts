import { FakeConnection, type FakeNetworkOptions } from "./fake_connection.ts";
import { isLoopback } from "../../protocol/mod.ts";
import type { Listener, Network, SocketAddress } from "../../server/mod.ts";

/**
 * A network in memory, with as many machines as a test needs. It has no timers: bytes move as soon
 * as they are read. Addresses that no host has never answer.
 *
 * @example
 * ```ts ignore
 * const network = new FakeNetwork();
 * const server = MimServer.listen({ port: 4242, network: network.host("192.0.2.1") });
 * const ada = new Messenger({
 *   name: "ada",
 *   server: { hostname: "192.0.2.1", port: 4242 },
 *   network: network.host("192.0.2.7"),
 * });
 * ```
 */
export class FakeNetwork {
  readonly #options: FakeNetworkOptions;
  readonly #hosts = new Map<string, FakeHost>();
  readonly #open = new Set<unknown>();

  /**
   * @param options `capacity`: 64 KiB by default; `mostAtOnce`: no limit by default, with 1 every
   *   byte arrives alone
   */
  constructor({ capacity = 65_536, mostAtOnce = Infinity }: Partial<FakeNetworkOptions> = {}) {
    this.#options = { capacity, mostAtOnce };
  }

  /** How many listeners and ends of connections are open. */
  get open(): number {
    return this.#open.size;
  }

  /** The machine with this IP address; created when it is first asked for. */
  host(address: string): FakeHost {
    const known = this.#hosts.get(address);
    if (known !== undefined) return known;
    const host = new FakeHost(address, {
      options: this.#options,
      open: this.#open,
      find: (address) => this.#hosts.get(address),
    });
    this.#hosts.set(address, host);
    return host;
  }
}

/** The network, as one of its hosts sees it. */
export interface FakeNetworkContext {
  readonly options: FakeNetworkOptions;
  /** Connections and listeners that are open. */
  readonly open: Set<unknown>;
  /** The host with this address, if there is one. */
  find(address: string): FakeHost | undefined;
}

/** A machine in a fake network: what it dials is seen to come from its address. */
export class FakeHost implements Network {
  /** Its IP address. */
  readonly address: string;
  readonly #network: FakeNetworkContext;
  #listeners: FakeListener[] = [];
  /** The port that the system picks next. */
  #nextPort = 49_152;

  constructor(address: string, network: FakeNetworkContext) {
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

  /** Connects; if no host has the address, nothing answers until the signal is aborted. */
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

/** A listener in memory; behaves as a `Deno.TcpListener` does. */
export class FakeListener implements Listener {
  readonly addr: SocketAddress;
  readonly #open: Set<unknown>;
  /** Connections that were made and not accepted. */
  readonly #waiting: FakeConnection[] = [];
  readonly #accepting: PromiseWithResolvers<FakeConnection>[] = [];

  /** @param open holds the listener until it is closed */
  constructor(addr: SocketAddress, open: Set<unknown>) {
    this.addr = addr;
    this.#open = open;
    open.add(this);
  }

  /** Whether it has not been closed. */
  get listening(): boolean {
    return this.#open.has(this);
  }

  /** The next connection. */
  async accept(): Promise<FakeConnection> {
    if (!this.listening) throw closed();
    const connection = this.#waiting.shift();
    if (connection !== undefined) return connection;
    const accepting = Promise.withResolvers<FakeConnection>();
    this.#accepting.push(accepting);
    return await accepting.promise;
  }

  /** Stops listening; connections that were not accepted are reset. */
  close(): void {
    if (!this.#open.delete(this)) throw new Deno.errors.BadResource("Bad resource ID");
    for (const accepting of this.#accepting.splice(0)) accepting.reject(closed());
    for (const connection of this.#waiting.splice(0)) connection.reset();
  }

  /** Hands a new connection over to `accept`, now or later. */
  offer(connection: FakeConnection): void {
    const accepting = this.#accepting.shift();
    if (accepting === undefined) this.#waiting.push(connection);
    else accepting.resolve(connection);
  }
}

function closed(): Error {
  return new Deno.errors.BadResource("Listener has been closed");
}
