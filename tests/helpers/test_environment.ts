import { assertEquals } from "@std/assert";
import type { MessengerOptions, Store } from "../../client/core/mod.ts";
import { formatAddress } from "../../protocol/mod.ts";
import {
  closeQuietly,
  type Connection,
  MimServer,
  type Network,
  type ServerOptions,
  systemNetwork,
} from "../../server/mod.ts";
import { FakeNetwork } from "../../client/testing/fake_network.ts";
import type { FakeNetworkOptions } from "../../client/testing/fake_connection.ts";
import { TestUser } from "./test_user.ts";
import { Wire } from "./peers.ts";
import { poll } from "./wait.ts";

/** A machine: where it is, and its way to the network. */
export interface Machine {
  readonly address: string;
  readonly network: Network;
}

/** Where something listens. */
export interface Place {
  readonly hostname: string;
  readonly port: number;
}

/**
 * What a test has at hand: machines on one network, servers, users, and bare connections. At its
 * end all of them are closed, and nothing may be left open.
 *
 * @example
 * ```ts ignore
 * await using env = TestEnvironment.fake();
 * const { at } = env.serve();
 * const [ada, bob] = await env.online(at, "ada", "bob");
 * ```
 */
export class TestEnvironment implements AsyncDisposable {
  readonly #machine: () => Machine;
  readonly #open: () => number;
  readonly #workers: number | undefined;
  readonly #closing = new AsyncDisposableStack();
  readonly #failures: unknown[] = [];

  /**
   * On the machine's own network: every machine is this one.
   *
   * @param workers how many threads of a server serve clients
   */
  static real(workers?: number): TestEnvironment {
    const machine = () => ({ address: "127.0.0.1", network: systemNetwork });
    return new TestEnvironment(machine, () => 0, workers);
  }

  /** In memory, with as many machines as are asked for, each in a network of its own. */
  static fake(options?: Partial<FakeNetworkOptions>): TestEnvironment {
    const network = new FakeNetwork(options);
    let machines = 0;
    const machine = () => {
      machines++;
      const address = `198.${18 + (machines >> 8)}.${machines & 255}.1`;
      return { address, network: network.host(address) };
    };
    return new TestEnvironment(machine, () => network.open);
  }

  private constructor(machine: () => Machine, open: () => number, workers?: number) {
    this.#machine = machine;
    this.#open = open;
    this.#workers = workers;
  }

  /** Another machine; on the real network it is this one again. */
  machine(): Machine {
    return this.#machine();
  }

  /** A server, and where users find it. */
  serve(options: ServerOptions = {}): { readonly server: MimServer; readonly at: Place } {
    const { address: hostname, network } = this.machine();
    const way = this.#workers === undefined ? { network } : { workers: this.#workers };
    const server = MimServer.listen({ hostname, port: 0, ...way, ...options });
    this.#closing.use(server);
    return { server, at: { hostname, port: server.port } };
  }

  /** A server that has started in all its threads, and where users find it. */
  async started(
    options: ServerOptions = {},
  ): Promise<{ readonly server: MimServer; readonly at: Place }> {
    const served = this.serve(options);
    await served.server.ready;
    return served;
  }

  /**
   * A user, on a machine of its own where none is given; not logged in.
   *
   * @param more what else the messenger is given
   */
  user(
    name: string,
    server: Place,
    machine: Machine = this.machine(),
    more: Partial<MessengerOptions> = {},
  ): TestUser {
    const options: MessengerOptions = {
      name,
      server,
      listen: { hostname: machine.address },
      network: machine.network,
      ...more,
    };
    return this.#closing.use(new TestUser(options));
  }

  /** Users on machines of their own, logged in one after the other. */
  async online<Names extends string[]>(
    server: Place,
    ...names: Names
  ): Promise<{ [Index in keyof Names]: TestUser }> {
    const users = names.map((name) => this.user(name, server));
    for (const user of users) await user.login();
    return users as { [Index in keyof Names]: TestUser };
  }

  /** A bare connection, from a machine of its own where none is given. */
  async dial({ hostname, port }: Place, { network } = this.machine()): Promise<Wire> {
    return this.#closing.use(await Wire.dial(network, hostname, port));
  }

  /**
   * A bare listener, on a machine of its own: a server or a peer that says what it likes.
   *
   * @param accepted has each connection; it may fail where the other side does not listen
   */
  listen(accepted: (wire: Wire) => void | Promise<void>): Place {
    const { address: hostname, network } = this.machine();
    const listener = network.listen({ hostname, port: 0 });
    this.#closing.defer(() => closeQuietly(listener));
    const take = async (connection: Connection) => {
      if (this.#closing.disposed) return closeQuietly(connection);
      listener.accept().then(take, () => {});
      try {
        await accepted(this.#closing.use(new Wire(connection)));
      } catch (error) {
        if (!isNetworkError(error)) this.#failures.push(error);
      }
    };
    listener.accept().then(take, () => {});
    return { hostname, port: listener.addr.port };
  }

  /** Closes everything, the newest first, and looks whether anything is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync();
    assertEquals(this.#failures, []);
    // A connection that was just being accepted is closed a moment later.
    const got = () => `${this.#open()} that nobody has closed`;
    await poll(() => this.#open() === 0, "all connections and listeners to be closed", got);
  }
}

/** Lets a server speak classic MIM, as the user's word does; returns the store that remembers it. */
export async function allowClassic<Kind extends Store>(
  store: Kind,
  { hostname, port }: Place,
): Promise<Kind> {
  await store.pinServer(formatAddress(hostname, port), new Uint8Array(0));
  return store;
}

function isNetworkError(error: unknown): boolean {
  const { BadResource, BrokenPipe, ConnectionReset, Interrupted, UnexpectedEof } = Deno.errors;
  return [BadResource, BrokenPipe, ConnectionReset, Interrupted, UnexpectedEof]
    .some((type) => error instanceof type);
}
