import type { Connection, SocketAddress } from "../../server/mod.ts";

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
   * @param dialler the addresses as the dialing end sees them
   * @param listener the addresses as the listening end sees them
   * @param open holds each end until it is closed
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

  /** Reads; rejects with Interrupted if the connection is closed meanwhile. */
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

  /** Closes; if bytes have come that were not read, TCP makes that a reset. */
  close(): void {
    this.#assertOpen();
    if (this.#incoming.size > 0) return this.reset();
    this.#close();
  }

  /** Closes as a program that crashes, or a network that breaks: the other end sees that. */
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

/** How a fake network carries bytes. */
export interface FakeNetworkOptions {
  /** How many bytes wait in each direction of a connection; a write of more waits. */
  readonly capacity: number;
  /** How many bytes one read or write moves at most. */
  readonly mostAtOnce: number;
}

/** One direction of a fake connection: bytes in at one end, out at the other. */
export class FakePipe {
  readonly #options: FakeNetworkOptions;
  #buffer = new Uint8Array(0);
  /** The part of the buffer with the bytes that were written and not read. */
  #start = 0;
  #end = 0;
  #ended = false;
  #writerClosed = false;
  #readerClosed = false;
  #reset = false;
  #change = Promise.withResolvers<void>();

  constructor(options: FakeNetworkOptions) {
    this.#options = options;
  }

  /** Bytes that were written and not read. */
  get size(): number {
    return this.#end - this.#start;
  }

  /** Waits for room, takes as many of the bytes as fit, and returns how many. */
  async write(bytes: Uint8Array): Promise<number> {
    for (;;) {
      if (this.#writerClosed) throw interrupted();
      if (this.#reset) throw connectionReset();
      if (this.#ended) throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
      const room = Math.min(this.#options.capacity - this.size, this.#options.mostAtOnce);
      if (this.#readerClosed) {
        this.#ended = true; // the first write succeeds: only the other end's answer says that it is closed
        return bytes.length;
      }
      if (room > 0 || bytes.length === 0) {
        const taken = bytes.subarray(0, room);
        this.#keep(taken);
        this.#changed();
        return taken.length;
      }
      await this.#change.promise;
    }
  }

  /** Waits for bytes and hands some out; null once the writer has ended and all is read. */
  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      if (this.#readerClosed) throw interrupted();
      if (this.size > 0 || buffer.length === 0) {
        const length = Math.min(this.size, this.#options.mostAtOnce, buffer.length);
        buffer.set(this.#buffer.subarray(this.#start, this.#start += length));
        this.#changed();
        return length;
      }
      if (this.#reset) throw connectionReset();
      if (this.#ended) return null;
      await this.#change.promise;
    }
  }

  /** The writer says that this was all. */
  end(): void {
    this.#ended = true;
    this.#changed();
  }

  /** The writer's socket is closed: this was all, and its pending writes are canceled. */
  closeWriter(): void {
    this.#writerClosed = true;
    this.end();
  }

  /** The reader's socket is closed: its pending reads are canceled, and the bytes are lost. */
  closeReader(): void {
    this.#readerClosed = true;
    this.#start = this.#end;
    this.#changed();
  }

  /** The connection is reset: what has arrived can still be read, and nothing more. */
  reset(): void {
    this.#reset = true;
    this.#changed();
  }

  #keep(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) {
      const unread = this.#buffer.subarray(this.#start, this.#end);
      this.#buffer = new Uint8Array(2 * (unread.length + bytes.length));
      this.#buffer.set(unread);
      this.#start = 0;
      this.#end = unread.length;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}

function interrupted(): Error {
  return new Deno.errors.Interrupted("operation canceled");
}

function connectionReset(): Error {
  return new Deno.errors.ConnectionReset("Connection reset by peer (os error 104)");
}
