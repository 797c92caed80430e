import {
  encodeLogin,
  formatAddress,
  type HostPort,
  type Login,
  plainAddress,
  type ServerMessage,
  ServerStream,
} from "../../protocol/mod.ts";
import { closeQuietly, type Connection, dial, type Network } from "../../server/network.ts";
import { byteStream, writeAll } from "./byte_stream.ts";
import { ClientError, whyNoConnection } from "./errors.ts";

const BUFFER = 32 * 1024;

/** The connection with the central server. */
export class ServerLink {
  /** The server as it was asked for. */
  readonly server: HostPort;
  /** The server's IP address. */
  readonly address: string;
  /** The server's port. */
  readonly port: number;
  /** This client's end of the connection: an IP address. */
  readonly ownAddress: string;
  readonly #connection: Connection;

  /**
   * Connects.
   *
   * @throws {ClientError} `server-unreachable`
   */
  static async dial(network: Network, server: HostPort, signal: AbortSignal): Promise<ServerLink> {
    try {
      return new ServerLink(server, await dial(network, server.hostname, server.port, signal));
    } catch (error) {
      const where = formatAddress(server.hostname, server.port);
      throw new ClientError(
        "server-unreachable",
        `cannot reach the server at ${where}: ${whyNoConnection(error)}`,
        { cause: error },
      );
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
   */
  messages(): AsyncIterable<ServerMessage> {
    return byteStream(this.#connection, BUFFER).pipeThrough(new ServerStream());
  }

  /** Asks to be put into the online table. */
  logIn(login: Login): Promise<void> {
    return writeAll(this.#connection, encodeLogin(login));
  }

  /** Closes: that is how a client logs out. */
  close(): void {
    closeQuietly(this.#connection);
  }
}
