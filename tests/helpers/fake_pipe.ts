/** How a fake network carries bytes. */
export interface FakeNetworkOptions {
  /** How many bytes wait in each direction of a connection; who writes more is made to wait. */
  readonly capacity: number;
  /** How many bytes one read or write moves at most. */
  readonly mostAtOnce: number;
}

/** One direction of a fake connection: bytes in at one end, out at the other. */
export class FakePipe {
  readonly #options: FakeNetworkOptions;
  #buffer = new Uint8Array(0);
  /** Where in the buffer the bytes are that were written and not read. */
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
        this.#ended = true; // the first write learns nothing: only its answer says that nobody reads
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

  /** The reader's socket is closed: its pending reads are canceled, and nobody takes the bytes. */
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
