import type { Connection, SocketAddress } from "../../server/mod.ts";
import { type FakeNetworkOptions, FakePipe } from "./fake_pipe.ts";

/** One end of a connection in memory; behaves as a `Deno.TcpConn` does. */
export class FakeConnection implements Connection {
  readonly localAddr: SocketAddress;
  readonly remoteAddr: SocketAddress;
  readonly #incoming: FakePipe;
  readonly #outgoing: FakePipe;
  readonly #open: Set<unknown>;

  /**
   * The two ends of a new connection.
   *
   * @param dialler the addresses as the dialling end sees them
   * @param listener the addresses as the listening end sees them
   * @param open where each end is noted until it is closed
   */
  static pair(
    dialler: Pick<Connection, "localAddr" | "remoteAddr">,
    listener: Pick<Connection, "localAddr" | "remoteAddr">,
    options: FakeNetworkOptions,
    open: Set<unknown>,
  ): { readonly dialler: FakeConnection; readonly listener: FakeConnection } {
    const there = new FakePipe(options);
    const back = new FakePipe(options);
    return {
      dialler: new FakeConnection(dialler, back, there, open),
      listener: new FakeConnection(listener, there, back, open),
    };
  }

  private constructor(
    { localAddr, remoteAddr }: Pick<Connection, "localAddr" | "remoteAddr">,
    incoming: FakePipe,
    outgoing: FakePipe,
    open: Set<unknown>,
  ) {
    this.localAddr = localAddr;
    this.remoteAddr = remoteAddr;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#open = open;
    open.add(this);
  }

  /** Reads; rejects with Interrupted where the connection is closed meanwhile. */
  async read(buffer: Uint8Array): Promise<number | null> {
    this.#assertOpen();
    return await this.#incoming.read(buffer);
  }

  /** Writes; waits while the other end does not read. */
  async write(bytes: Uint8Array): Promise<number> {
    this.#assertOpen();
    return await this.#outgoing.write(bytes);
  }

  // deno-lint-ignore require-await -- rejects, as the real one, and never throws
  async closeWrite(): Promise<void> {
    this.#assertOpen();
    this.#outgoing.end();
  }

  /** Closes; where bytes have come that nobody has read, TCP makes that a reset. */
  close(): void {
    this.#assertOpen();
    if (this.#incoming.size > 0) return this.reset();
    this.#close();
  }

  /** Closes as a program that crashes, or a network that breaks: the other end is told so. */
  reset(): void {
    this.#close();
    this.#incoming.reset();
    this.#outgoing.reset();
  }

  /** Does nothing: small writes are sent at once. */
  setNoDelay(): void {
    this.#assertOpen();
  }

  #close(): void {
    this.#open.delete(this);
    this.#incoming.closeReader();
    this.#outgoing.closeWriter();
  }

  #assertOpen(): void {
    if (!this.#open.has(this)) throw new Deno.errors.BadResource("Bad resource ID");
  }
}
