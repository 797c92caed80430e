import {
  closeQuietly,
  type Connection,
  type SocketAddress,
} from "../../../server/platform/net/network.ts";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { clientLimits } from "../limits.ts";

/** One connection with a peer: what it says comes out of `next`, what is sent goes out in order. */
export abstract class PeerConnection<Said> {
  /** The peer's end of the connection. */
  readonly remote: SocketAddress;
  readonly #connection: Connection;
  /** Resolves once the peer closes (true), or the connection breaks or is closed here (false). */
  readonly #ended = Promise.withResolvers<boolean>();
  /** Settles once all that was handed to `send` is written, or can't be any more. */
  #written: Promise<void> = Promise.resolve();
  #unsent = 0;
  #over = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.remote = connection.remoteAddr;
  }

  /** The next thing that comes over the connection; undefined at its end. */
  protected abstract read(): Promise<Said | undefined>;

  /** Whether nothing more will come: the peer has closed, the connection broke, or was closed here. */
  get over(): boolean {
    return this.#over;
  }

  /** Bytes handed to `send` that are not written yet. */
  get unsent(): number {
    return this.#unsent;
  }

  /** Resolves once all that was handed to `send` so far is written, or can't be any more. */
  get written(): Promise<void> {
    return this.#written;
  }

  /**
   * The next thing that the peer says; undefined once it has closed. Rejects where the connection is
   * lost, or with a ProtocolError where the bytes are no chat.
   */
  async next(): Promise<Said | undefined> {
    try {
      const said = await this.read();
      if (said === undefined) this.#end(true);
      return said;
    } catch (error) {
      this.#end(false);
      throw error;
    }
  }

  /** Sends bytes behind those sent before; resolves once they are written. */
  send(bytes: Uint8Array): Promise<void> {
    this.#unsent += bytes.length;
    const written = this.#written.then(() => writeAll(this.#connection, bytes))
      .finally(() => this.#unsent -= bytes.length);
    this.#written = written.catch(() => {}); // whoever called send is told
    return written;
  }

  /**
   * Closes so that nothing sent is lost: writes what waits, says that this is the end, and gives the
   * peer a moment to close too. Somebody must go on reading with `next`.
   *
   * @returns false where the connection broke before the peer had closed
   */
  async finish(): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, clientLimits.lingerTimeoutMs);
    });
    const inOrder = async () => {
      await this.#written;
      await this.#connection.closeWrite();
      return await this.#ended.promise;
    };
    try {
      return await Promise.race([inOrder(), patience.then(() => true)]);
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

  /** Closes at once. */
  close(): void {
    closeQuietly(this.#connection);
    this.#end(false);
  }

  #end(inOrder: boolean): void {
    this.#over = true;
    this.#ended.resolve(inOrder);
  }
}
