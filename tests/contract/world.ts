/** Where the sentences of the contract are tested: the machine's own network, and one in memory. */

import { assertEquals } from "@std/assert";
import type { MessengerOptions } from "../../client/core/mod.ts";
import {
  closeQuietly,
  type Connection,
  MimServer,
  type Network,
  type ServerOptions,
  systemNetwork,
} from "../../server/mod.ts";
import { FakeNetwork } from "../helpers/fake_network.ts";
import { TestUser } from "../helpers/test_user.ts";
import { Wire } from "../helpers/wire.ts";

/** A machine: where it is, and its way to the network. */
export interface Machine {
  readonly address: string;
  readonly network: Network;
}

/** The kinds of network that the contract holds on. */
interface Kind {
  readonly name: string;
  /** A network with as many machines as are asked for; `open` counts what nobody has closed. */
  readonly start: () => { readonly machine: () => Machine; readonly open?: () => number };
}

const KINDS: readonly Kind[] = [
  {
    name: "real network",
    start: () => ({ machine: () => ({ address: "127.0.0.1", network: systemNetwork }) }),
  },
  { name: "fake network", start: () => fake(new FakeNetwork()) },
  { name: "fake network, byte by byte", start: () => fake(new FakeNetwork({ mostAtOnce: 1 })) },
];

function fake(network: FakeNetwork): ReturnType<Kind["start"]> {
  let machines = 0;
  return {
    machine() {
      const address = `192.0.2.${++machines}`;
      return { address, network: network.host(address) };
    },
    open: () => network.open,
  };
}

/** What a sentence has at hand: servers, users and bare connections, all closed at its end. */
export class World implements AsyncDisposable {
  readonly #machine: () => Machine;
  readonly #closing = new AsyncDisposableStack();

  constructor(machine: () => Machine) {
    this.#machine = machine;
  }

  /** Another machine; on the real network it is this one again. */
  machine(): Machine {
    return this.#machine();
  }

  /** A server, and where users find it. */
  serve(options: ServerOptions = {}): { readonly server: MimServer; readonly at: Place } {
    const { address: hostname, network } = this.machine();
    const server = MimServer.listen({ hostname, port: 0, network, ...options });
    this.#closing.use(server);
    return { server, at: { hostname, port: server.port } };
  }

  /** A user on a machine of its own, not logged in. */
  user(name: string, server: Place, machine: Machine = this.machine()): TestUser {
    const options: MessengerOptions = {
      name,
      server,
      listen: { hostname: machine.address },
      network: machine.network,
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

  /** A bare listener on another machine; each connection is handed to `accepted`. */
  listen(accepted: (wire: Wire) => void): Place {
    const { address: hostname, network } = this.machine();
    const listener = network.listen({ hostname, port: 0 });
    this.#closing.defer(() => closeQuietly(listener));
    const take = (connection: Connection) => {
      accepted(this.#closing.use(new Wire(connection)));
      listener.accept().then(take, () => {});
    };
    listener.accept().then(take, () => {});
    return { hostname, port: listener.addr.port };
  }

  /** Closes everything, the newest first. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing.disposeAsync();
  }
}

/** Where something listens. */
export interface Place {
  readonly hostname: string;
  readonly port: number;
}

/** Tests one sentence on every kind of network; nothing may be left open at its end. */
export function contract(sentence: string, test: (world: World) => Promise<void>): void {
  for (const { name, start } of KINDS) {
    Deno.test(`${name}: ${sentence}`, async () => {
      const { machine, open } = start();
      {
        await using world = new World(machine);
        await test(world);
      }
      if (open !== undefined) assertEquals(open(), 0, "connections and listeners left open");
    });
  }
}
