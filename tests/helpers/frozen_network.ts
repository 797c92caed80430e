import type { Connection, Listener, Network } from "../../server/mod.ts";

/**
 * A network whose machine can freeze, as a program does on SIGSTOP: connections stay, and the others
 * can write, but nothing that comes is taken any more.
 */
export class FrozenNetwork implements Network {
  readonly #network: Network;
  #thawed = Promise.resolve();
  #thaw = () => {};
  /** How many connections something has come over that nobody takes. */
  waiting = 0;

  constructor(network: Network) {
    this.#network = network;
  }

  /** Takes nothing any more. */
  freeze(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#thawed = promise;
    this.#thaw = resolve;
  }

  /** Takes all that has come meanwhile. */
  thaw(): void {
    this.#thaw();
  }

  /** Listens. */
  listen(at: Parameters<Network["listen"]>[0]): Listener {
    const listener = this.#network.listen(at);
    return {
      addr: listener.addr,
      accept: async () => this.#freezing(await listener.accept()),
      close: () => listener.close(),
    };
  }

  /** Connects. */
  async connect(to: Parameters<Network["connect"]>[0]): Promise<Connection> {
    return this.#freezing(await this.#network.connect(to));
  }

  #freezing(connection: Connection): Connection {
    return {
      remoteAddr: connection.remoteAddr,
      localAddr: connection.localAddr,
      read: async (buffer) => {
        const length = await connection.read(buffer);
        this.waiting++;
        await this.#thawed;
        this.waiting--;
        return length;
      },
      write: (bytes) => connection.write(bytes),
      closeWrite: () => connection.closeWrite(),
      close: () => connection.close(),
      setNoDelay: (noDelay) => connection.setNoDelay(noDelay),
    };
  }
}
