import { formatAddress, plainAddress, type ServerAddress } from "../../../protocol/mod.ts";
import {
  closeQuietly,
  type Connection,
  type Network,
} from "../../../server/platform/net/network.ts";
import { byteStream, writeAll } from "../../../server/platform/net/byte_stream.ts";
import { ClientError, describeConnectionError } from "../errors.ts";
import { clientLimits } from "../limits.ts";
import { dial, dialOthersFirst } from "../../../server/platform/net/dial.ts";

const BUFFER_BYTES = 32 * 1024;
/** No message after the login is longer. */
const MAX_MESSAGE_BYTES = 4 * 1024;

export class ServerConnection {
  /** The server as it was asked for. */
  readonly server: ServerAddress;
  /** The server's IP address. */
  readonly address: string;
  readonly port: number;
  /** This client's end of the connection: an IP address. */
  readonly ownAddress: string;
  readonly #connection: Connection;
  readonly #network: Network;
  /** Settles once everything is written, or can't be any more. */
  #written: Promise<void> = Promise.resolve();
  #unwritten = 0;

  /**
   * @param silent places that are dialed only if the server has no other
   * @throws {ClientError} `server-unreachable`
   */
  static async dial(
    network: Network,
    server: ServerAddress,
    signal: AbortSignal,
    silent: ReadonlySet<string> = new Set(),
  ): Promise<ServerConnection> {
    const { hostname, port } = server;
    try {
      const connection = await dialOthersFirst(network, hostname, port, silent, signal);
      return new ServerConnection(server, connection, network);
    } catch (error) {
      const details = { server, reason: describeConnectionError(error) };
      throw new ClientError("server-unreachable", details, { cause: error });
    }
  }

  private constructor(server: ServerAddress, connection: Connection, network: Network) {
    this.server = server;
    this.#network = network;
    this.#connection = connection;
    this.address = plainAddress(connection.remoteAddr.hostname);
    this.port = connection.remoteAddr.port;
    this.ownAddress = plainAddress(connection.localAddr.hostname);
  }

  /** The place of the connection: the server's IP address and port. */
  get place(): string {
    return formatAddress(this.address, this.port);
  }

  /** The bytes that the server sends, until it closes. Rejects if the connection is lost. To be called once. */
  chunks(): AsyncIterable<Uint8Array> {
    return byteStream(this.#connection, BUFFER_BYTES);
  }

  /** Whether another message can wait to be written: the server reads. */
  get canSay(): boolean {
    return this.#unwritten <= clientLimits.bufferedBytes - MAX_MESSAGE_BYTES;
  }

  /** Sends bytes in order; drops them and returns false if the server does not read. */
  say(bytes: Uint8Array): boolean {
    if (this.#unwritten + bytes.length > clientLimits.bufferedBytes) return false;
    this.#unwritten += bytes.length;
    this.#written = this.#written.then(() => writeAll(this.#connection, bytes))
      .catch(() => {}) // reading fails, too
      .finally(() => this.#unwritten -= bytes.length);
    return true;
  }

  /** Whether the server takes another connection, which is closed at once. */
  async takesAnother(): Promise<boolean> {
    const { hostname, port } = this.server;
    try {
      closeQuietly(await dial(this.#network, hostname, port));
      return true;
    } catch {
      return false;
    }
  }

  /** Closes the connection: that logs the client out. */
  close(): void {
    closeQuietly(this.#connection);
  }
}
