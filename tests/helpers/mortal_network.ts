import type { Connection, Listener, Network } from "../../server/mod.ts";
import { FakeConnection } from "./fake_connection.ts";

/** A network in memory whose machine can be killed, and says nothing from then on. */
export class MortalNetwork implements Network {
  readonly #network: Network;
  readonly #connections: Connection[] = [];
  readonly #listeners: Listener[] = [];
  #dead = false;

  constructor(network: Network) {
    this.#network = network;
  }

  /** Breaks everything off, as a program does that is killed. */
  kill(): void {
    this.#dead = true;
    for (const open of [...this.#listeners, ...this.#connections]) end(open);
  }

  /** Listens, until it is killed. */
  listen(at: Parameters<Network["listen"]>[0]): Listener {
    const listener = this.#network.listen(at);
    this.#listeners.push(listener);
    return {
      addr: listener.addr,
      accept: async () => this.#mortal(await listener.accept()),
      close: () => listener.close(),
    };
  }

  /** Connects, unless it was killed. */
  async connect(to: Parameters<Network["connect"]>[0]): Promise<Connection> {
    if (this.#dead) throw new Deno.errors.ConnectionRefused("dead");
    return this.#mortal(await this.#network.connect(to));
  }

  #mortal(connection: Connection): Connection {
    this.#connections.push(connection);
    if (this.#dead) end(connection);
    return connection;
  }
}

function end(open: Connection | Listener): void {
  try {
    if (open instanceof FakeConnection) open.reset();
    else open.close();
  } catch {
    // It was closed before.
  }
}
