import type { Listener, SocketAddress } from "../../server/mod.ts";
import type { FakeConnection } from "./fake_connection.ts";

/** A listener in memory; behaves as a `Deno.TcpListener` does. */
export class FakeListener implements Listener {
  readonly addr: SocketAddress;
  readonly #open: Set<unknown>;
  /** Connections that were made and not accepted. */
  readonly #waiting: FakeConnection[] = [];
  readonly #accepting: PromiseWithResolvers<FakeConnection>[] = [];

  /** @param open where the listener is noted until it is closed */
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

  /** Stops listening; connections that nobody has accepted are reset. */
  close(): void {
    if (!this.#open.delete(this)) throw new Deno.errors.BadResource("Bad resource ID");
    for (const accepting of this.#accepting.splice(0)) accepting.reject(closed());
    for (const connection of this.#waiting.splice(0)) connection.reset();
  }

  /** Hands a new connection over to who accepts, now or later. */
  offer(connection: FakeConnection): void {
    const accepting = this.#accepting.shift();
    if (accepting === undefined) this.#waiting.push(connection);
    else accepting.resolve(connection);
  }
}

function closed(): Error {
  return new Deno.errors.BadResource("Listener has been closed");
}
