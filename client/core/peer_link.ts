import { type ChatMessage, ChatStream, limits } from "../../protocol/mod.ts";
import { closeQuietly, type Connection, type SocketAddress } from "../../server/network.ts";
import { byteStream, writeAll } from "./byte_stream.ts";

const BUFFER = 4 * 1024;

/** One connection with a peer: what it says comes out of `next`, what is sent goes out in order. */
export class PeerLink {
  /** The peer's end of the connection. */
  readonly remote: SocketAddress;
  readonly #connection: Connection;
  readonly #messages: ReadableStreamDefaultReader<ChatMessage>;
  /** Resolves once the peer closes (true), or the connection breaks or is closed here (false). */
  readonly #ended = Promise.withResolvers<boolean>();
  /** Settles once all that was handed to `send` is written, or can't be any more. */
  #written: Promise<void> = Promise.resolve();
  #unsent = 0;

  /** @param peer whether the peer called, and tells its name first, or was called */
  constructor(connection: Connection, peer: "caller" | "callee") {
    this.#connection = connection;
    this.remote = connection.remoteAddr;
    this.#messages = byteStream(connection, BUFFER).pipeThrough(new ChatStream(peer)).getReader();
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
  async next(): Promise<ChatMessage | undefined> {
    try {
      const { value } = await this.#messages.read();
      if (value === undefined) this.#ended.resolve(true);
      return value;
    } catch (error) {
      this.#ended.resolve(false);
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
      timer = setTimeout(resolve, limits.lingerTime);
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

  /** Closes at once. */
  close(): void {
    closeQuietly(this.#connection);
    this.#ended.resolve(false);
  }
}
