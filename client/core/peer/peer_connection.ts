import {
  closeQuietly,
  type Connection,
  type SocketAddress,
} from "../../../server/platform/net/network.ts";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { clientLimits } from "../limits.ts";

/** One connection with a peer: `next` gives what it says, `send` writes in order. */
export abstract class PeerConnection<Message> {
  readonly remote: SocketAddress;
  /** This machine's end. */
  readonly local: SocketAddress;
  /** When it was made, by the clock of `performance.now`. */
  readonly since = performance.now();
  /** Whether nothing more will come: the peer has closed, the connection broke, or was closed here. */
  isOver = false;
  /** Bytes handed to `send` that are not written yet. */
  bufferedAmount = 0;
  /** Resolves once all that was handed to `send` so far is written, or can't be any more. */
  written: Promise<void> = Promise.resolve();
  readonly #connection: Connection;
  /** Resolves once the peer closes (true), or the connection breaks or is closed here (false). */
  readonly #ended = Promise.withResolvers<boolean>();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.remote = connection.remoteAddr;
    this.local = connection.localAddr;
  }

  /** The next message that comes over the connection; undefined at its end. */
  protected abstract read(): Promise<Message | undefined>;

  /** The next message; undefined once the peer has closed. Rejects if the connection breaks. */
  next(): Promise<Message | undefined> {
    return this.reading(this.read());
  }

  /** Notices the end of the connection while something is read. */
  protected async reading<Read>(read: Promise<Read | undefined>): Promise<Read | undefined> {
    try {
      const message = await read;
      if (message === undefined) this.#end(true);
      return message;
    } catch (error) {
      this.#end(false);
      throw error;
    }
  }

  /** Sends bytes behind those sent before; resolves once they are written. */
  send(bytes: Uint8Array): Promise<void> {
    this.bufferedAmount += bytes.length;
    const written = this.written.then(() => writeAll(this.#connection, bytes))
      .finally(() => this.bufferedAmount -= bytes.length);
    this.written = written.catch(() => {}); // the caller of `send` sees it
    return written;
  }

  /**
   * Closes without losing what was sent: writes what waits, ends the stream, and gives the peer a moment
   * to close too. Something must go on reading with `next`.
   *
   * @returns false if the connection broke before the peer had closed
   */
  async finish(): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), clientLimits.lingerTimeoutMs);
    });
    const inOrder = async () => {
      await this.written;
      await this.#connection.closeWrite();
      return await this.#ended.promise;
    };
    try {
      return await Promise.race([inOrder(), timeout]);
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
      this.close();
    }
  }

  /** Closes a call that becomes no chat. */
  refuse(): void {
    this.close();
  }

  close(): void {
    closeQuietly(this.#connection);
    this.#end(false);
  }

  #end(inOrder: boolean): void {
    this.isOver = true;
    this.#ended.resolve(inOrder);
  }
}
