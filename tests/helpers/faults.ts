/** Networks that misbehave, each around another network. */

import { concat } from "@std/bytes/concat";
import type { Connection, Listener, Network } from "../../server/mod.ts";
import { FakeConnection } from "../../client/testing/fake_connection.ts";

/** A connection like another, but with some of its methods replaced. */
export function wrapConnection(
  connection: Connection,
  overrides: Partial<Connection>,
): Connection {
  return {
    remoteAddr: connection.remoteAddr,
    localAddr: connection.localAddr,
    read: (buffer) => connection.read(buffer),
    write: (bytes) => connection.write(bytes),
    closeWrite: () => connection.closeWrite(),
    close: () => connection.close(),
    setNoDelay: (noDelay) => connection.setNoDelay(noDelay),
    ...overrides,
  };
}

/** A network like another, each of whose connections, dialed or accepted, goes through `wrap`. */
export function wrapNetwork(
  network: Network,
  wrap: (connection: Connection) => Connection,
): Network {
  return {
    listen: (at) => {
      const listener = network.listen(at);
      return wrapListener(listener, async () => wrap(await listener.accept()));
    },
    connect: async (to) => wrap(await network.connect(to)),
  };
}

function wrapListener(listener: Listener, accept: () => Promise<Connection>): Listener {
  return { addr: listener.addr, accept, close: () => listener.close() };
}

/**
 * A network on which each read waits, so that things that happen at once happen in every order.
 *
 * @param turns how many turns of the event loop the next read waits
 */
export function delayedNetwork(network: Network, turns: () => number): Network {
  return wrapNetwork(network, (connection) =>
    wrapConnection(connection, {
      async read(buffer) {
        for (let turn = turns(); turn > 0; turn--) {
          await new Promise((resolve) => setTimeout(resolve));
        }
        return await connection.read(buffer);
      },
    }));
}

/**
 * A network over which bytes take a while, on each connection another one.
 *
 * @param delayMs how long on the next connection
 */
export function unevenNetwork(network: Network, delayMs: () => number): Network {
  return wrapNetwork(network, (connection) => {
    const delay = delayMs();
    return wrapConnection(connection, {
      async read(buffer) {
        const length = await connection.read(buffer);
        if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
        return length;
      },
    });
  });
}

/**
 * A network on which callers reset their connections before anyone accepts them: each listener's
 * first `count` calls of `accept` reject.
 */
export function resettingNetwork(network: Network, count: number): Network {
  return {
    connect: (to) => network.connect(to),
    listen: (at) => {
      const listener = network.listen(at);
      let left = count;
      return wrapListener(listener, async () => {
        if (left-- > 0) throw new Deno.errors.NotConnected("Transport endpoint is not connected");
        return await listener.accept();
      });
    },
  };
}

/**
 * A network whose machine can freeze, as a program does on SIGSTOP: its connections stay open and
 * others can write to them, but nothing is read.
 */
export class FrozenNetwork {
  /** Use this in place of the wrapped network. */
  readonly network: Network;
  /** How many connections have input that is not read. */
  waiting = 0;
  #thawed = Promise.resolve();
  #thaw = () => {};

  constructor(network: Network) {
    this.network = wrapNetwork(network, (connection) =>
      wrapConnection(connection, {
        read: async (buffer) => {
          const length = await connection.read(buffer);
          this.waiting++;
          await this.#thawed;
          this.waiting--;
          return length;
        },
      }));
  }

  /** Stops reading. */
  freeze(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#thawed = promise;
    this.#thaw = resolve;
  }

  /** Reads on. */
  thaw(): void {
    this.#thaw();
  }
}

/**
 * A network whose connections can be cut, as by a pulled cable: they stay open on both sides, and no
 * byte comes through any more. Those made later work.
 */
export class CutNetwork {
  /** Use this in place of the wrapped network. */
  readonly network: Network;
  readonly #uncut = new Set<{ cut: boolean }>();

  constructor(network: Network) {
    this.network = {
      ...wrapNetwork(network, (connection) => this.#wrapped(connection)),
      interfaces: () => network.interfaces?.() ?? [],
    };
  }

  /** Cuts all connections that there are. */
  cut(): void {
    for (const each of this.#uncut) each.cut = true;
    this.#uncut.clear();
  }

  #wrapped(connection: Connection): Connection {
    const state = { cut: false };
    this.#uncut.add(state);
    return wrapConnection(connection, {
      async read(buffer) {
        for (;;) {
          const length = await connection.read(buffer);
          if (!state.cut) return length;
          if (length === null) await new Promise(() => {});
        }
      },
      write: (bytes) => state.cut ? Promise.resolve(bytes.length) : connection.write(bytes),
    });
  }
}

/** A network that records every byte its machine sends and receives. */
export class RecordingNetwork {
  /** Use this in place of the wrapped network. */
  readonly network: Network;
  readonly #record: Uint8Array[][] = [];

  constructor(network: Network) {
    this.network = wrapNetwork(network, (connection) => this.#recorded(connection));
  }

  /** How many bytes went either way. */
  get size(): number {
    return this.#directions.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  /** Whether these bytes were sent in one direction of one connection. */
  has(bytes: Uint8Array): boolean {
    const wanted = bytes.toHex();
    return this.#directions.some((direction) => direction.toHex().includes(wanted));
  }

  get #directions(): Uint8Array[] {
    return this.#record.map((chunks) => concat(chunks));
  }

  #recorded(connection: Connection): Connection {
    const [sent, received]: [Uint8Array[], Uint8Array[]] = [[], []];
    this.#record.push(sent, received);
    return wrapConnection(connection, {
      async read(buffer) {
        const length = await connection.read(buffer);
        if (length !== null) received.push(buffer.slice(0, length));
        return length;
      },
      async write(bytes) {
        const length = await connection.write(bytes);
        sent.push(bytes.slice(0, length));
        return length;
      },
    });
  }
}

/** A network in memory whose machine can be killed: it breaks all connections and is silent. */
export class KillableNetwork implements Network {
  readonly #network: Network;
  readonly #connections: Connection[] = [];
  readonly #listeners: Listener[] = [];
  #dead = false;

  constructor(network: Network) {
    this.#network = network;
  }

  /** Breaks all connections, as a killed program does. */
  kill(): void {
    this.#dead = true;
    for (const open of [...this.#listeners, ...this.#connections]) breakOff(open);
  }

  /** Listens until it is killed. */
  listen(at: Parameters<Network["listen"]>[0]): Listener {
    const listener = this.#network.listen(at);
    this.#listeners.push(listener);
    return wrapListener(listener, async () => this.#added(await listener.accept()));
  }

  /** Connects, unless it was killed. */
  async connect(to: Parameters<Network["connect"]>[0]): Promise<Connection> {
    if (this.#dead) throw new Deno.errors.ConnectionRefused("dead");
    return this.#added(await this.#network.connect(to));
  }

  #added(connection: Connection): Connection {
    this.#connections.push(connection);
    if (this.#dead) breakOff(connection);
    return connection;
  }
}

function breakOff(open: Connection | Listener): void {
  try {
    if (open instanceof FakeConnection) open.reset();
    else open.close();
  } catch {
    // It was closed before.
  }
}
