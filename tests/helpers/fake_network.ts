import { FakeHost } from "./fake_host.ts";
import type { FakeNetworkOptions } from "./fake_pipe.ts";

/**
 * A network in memory, with as many machines as a test needs. It has no timers: bytes move as soon
 * as somebody reads. Addresses that no host has never answer.
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
  readonly #names = new Map<string, readonly string[]>();

  /**
   * @param options `capacity`: 64 KiB where left out; `mostAtOnce`: no limit where left out, 1 has
   *   every byte arrive alone
   */
  constructor({ capacity = 65_536, mostAtOnce = Infinity }: Partial<FakeNetworkOptions> = {}) {
    this.#options = { capacity, mostAtOnce };
  }

  /** How many listeners and ends of connections nobody has closed. */
  get open(): number {
    return this.#open.size;
  }

  /** The machine with this IP address; new where it is asked for the first time. */
  host(address: string): FakeHost {
    const known = this.#hosts.get(address);
    if (known !== undefined) return known;
    const host = new FakeHost(address, {
      options: this.#options,
      open: this.#open,
      find: (address) => this.#hosts.get(address),
      resolve: (name) => this.#names.get(name),
    });
    this.#hosts.set(address, host);
    return host;
  }

  /** Has a host name stand for these addresses, in the resolver's order. */
  name(name: string, ...addresses: string[]): void {
    this.#names.set(name, addresses);
  }
}
