import { concat } from "@std/bytes/concat";
import type { Connection, Network } from "../../server/mod.ts";

/** A network that keeps every byte that its machine sends and receives. */
export class RecordingNetwork {
  /** To be used in the place of the other. */
  readonly network: Network;
  readonly #record: Uint8Array[][] = [];

  constructor(network: Network) {
    this.network = {
      listen: (at) => {
        const listener = network.listen(at);
        return {
          addr: listener.addr,
          accept: async () => this.#recorded(await listener.accept()),
          close: () => listener.close(),
        };
      },
      connect: async (to) => this.#recorded(await network.connect(to)),
    };
  }

  /** How many bytes went either way. */
  get size(): number {
    return this.#ways.reduce((sum, way) => sum + way.length, 0);
  }

  /** Whether these bytes stand anywhere in what went one way over one connection. */
  has(bytes: Uint8Array): boolean {
    const wanted = bytes.toHex();
    return this.#ways.some((way) => way.toHex().includes(wanted));
  }

  get #ways(): Uint8Array[] {
    return this.#record.map((chunks) => concat(chunks));
  }

  #recorded(connection: Connection): Connection {
    const [sent, received]: [Uint8Array[], Uint8Array[]] = [[], []];
    this.#record.push(sent, received);
    return {
      remoteAddr: connection.remoteAddr,
      localAddr: connection.localAddr,
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
      closeWrite: () => connection.closeWrite(),
      close: () => connection.close(),
      setNoDelay: (noDelay) => connection.setNoDelay(noDelay),
    };
  }
}
