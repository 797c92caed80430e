import {
  type AnyServerMessage,
  AnyServerStream,
  type HostPort,
  plainAddress,
  ServerStream,
} from "../../../protocol/mod.ts";
import {
  closeQuietly,
  type Connection,
  type Network,
} from "../../../server/platform/net/network.ts";
import { byteStream, writeAll } from "../../../server/platform/net/byte_stream.ts";
import { ClientError, describeConnectionError } from "../errors.ts";
import { clientLimits } from "../limits.ts";
import { dial } from "../../../server/platform/net/dial.ts";

const BUFFER_BYTES = 32 * 1024;

/** The connection with the central server. */
export class ServerConnection {
  /** The server as it was asked for. */
  readonly server: HostPort;
  /** The server's IP address. */
  readonly address: string;
  /** The server's port. */
  readonly port: number;
  /** This client's end of the connection: an IP address. */
  readonly ownAddress: string;
  readonly #connection: Connection;
  /** Settles once all that was said is written, or can't be any more. */
  #written: Promise<void> = Promise.resolve();
  #unwritten = 0;

  /**
   * Connects.
   *
   * @throws {ClientError} `server-unreachable`
   */
  static async dial(
    network: Network,
    server: HostPort,
    signal: AbortSignal,
  ): Promise<ServerConnection> {
    try {
      return new ServerConnection(
        server,
        await dial(network, server.hostname, server.port, signal),
      );
    } catch (error) {
      const details = { server, reason: describeConnectionError(error) };
      throw new ClientError("server-unreachable", details, { cause: error });
    }
  }

  private constructor(server: HostPort, connection: Connection) {
    this.server = server;
    this.#connection = connection;
    this.address = plainAddress(connection.remoteAddr.hostname);
    this.port = connection.remoteAddr.port;
    this.ownAddress = plainAddress(connection.localAddr.hostname);
  }

  /**
   * What the server says, until it closes. Rejects where the connection is lost, or with a
   * ProtocolError where the bytes are not MIM's. To be called once.
   *
   * @param mim2 whether this client will log in as MIM/2 has it where the server announces that
   */
  messages(mim2: boolean): AsyncIterable<AnyServerMessage> {
    const bytes = byteStream(this.#connection, BUFFER_BYTES);
    if (mim2) return bytes.pipeThrough(new AnyServerStream());
    return bytes.pipeThrough<AnyServerMessage>(new ServerStream());
  }

  /**
   * Says something behind all that was said before. Where the server does not read, it is left out:
   * the connection is about to end then.
   *
   * @returns false where it was left out
   */
  say(bytes: Uint8Array): boolean {
    if (this.#unwritten + bytes.length > clientLimits.bufferedBytes) return false;
    this.#unwritten += bytes.length;
    this.#written = this.#written.then(() => writeAll(this.#connection, bytes))
      .catch(() => {}) // whoever reads learns of it
      .finally(() => this.#unwritten -= bytes.length);
    return true;
  }

  /** Closes: that is how a client logs out. */
  close(): void {
    closeQuietly(this.#connection);
  }
}
