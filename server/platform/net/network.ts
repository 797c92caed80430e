import { type InterfaceAddress, localInterfaces } from "./interfaces.ts";
/** The address of one end of a socket. */
export interface SocketAddress {
  /** An IP address as text. */
  readonly hostname: string;
  /** 0 to 65,535. */
  readonly port: number;
}

/**
 * One TCP connection: what MIM uses of `Deno.TcpConn`, with its meaning.
 *
 * @example Everything that the other end sends
 * ```ts
 * import { type Connection, MimServer, systemNetwork } from "@mim/mim/server";
 * import { assertEquals } from "@std/assert";
 *
 * async function* chunks(connection: Connection) {
 *   const buffer = new Uint8Array(1024);
 *   for (let length; (length = await connection.read(buffer)) !== null;) {
 *     yield buffer.slice(0, length);
 *   }
 * }
 *
 * await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, welcome: "Hello" });
 * const connection = await systemNetwork.connect({ hostname: "127.0.0.1", port: server.port });
 * await connection.closeWrite();
 * let text = "";
 * for await (const chunk of chunks(connection)) text += new TextDecoder().decode(chunk);
 * connection.close();
 * assertEquals(text, "Hello\n\n");
 * ```
 */
export interface Connection {
  /** The other end. */
  readonly remoteAddr: SocketAddress;
  /** This end. */
  readonly localAddr: SocketAddress;
  /**
   * Reads into `buffer`; resolves to the number of bytes, or to null at the other side's end.
   *
   * @throws {Deno.errors.ConnectionReset} if the other side reset it
   * @throws {Deno.errors.Interrupted} if it is closed meanwhile
   */
  read(buffer: Uint8Array): Promise<number | null>;
  /**
   * Writes some of `bytes`; resolves to how many.
   *
   * @throws {Deno.errors.BrokenPipe} if the other side has gone
   * @throws {Deno.errors.Interrupted} if it is closed meanwhile
   */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends writing. */
  closeWrite(): Promise<void>;
  /**
   * Ends both ways; pending calls reject.
   *
   * @throws {Deno.errors.BadResource} if it is closed already
   */
  close(): void;
  /** Sends small writes at once instead of waiting for more. */
  setNoDelay(noDelay?: boolean): void;
}

/**
 * A TCP listener: what MIM uses of `Deno.TcpListener`.
 *
 * @example
 * ```ts
 * import { systemNetwork } from "@mim/mim/server";
 * import { assertEquals } from "@std/assert";
 *
 * const listener = systemNetwork.listen({ hostname: "127.0.0.1", port: 0 });
 * const dialer = await systemNetwork.connect(listener.addr);
 * const accepted = await listener.accept();
 * assertEquals(accepted.remoteAddr.port, dialer.localAddr.port);
 * for (const open of [dialer, accepted, listener]) open.close();
 * ```
 */
export interface Listener {
  /** The address it listens at, with the real port. */
  readonly addr: SocketAddress;
  /**
   * Resolves to the next connection.
   *
   * @throws {Deno.errors.BadResource} once the listener is closed
   * @throws {Deno.errors.NotConnected} if the other side has gone already; the next may be accepted
   */
  accept(): Promise<Connection>;
  /**
   * Stops listening; a pending accept rejects.
   *
   * @throws {Deno.errors.BadResource} if it is closed already
   */
  close(): void;
}

/**
 * The way to the network: the real one, or one of a test.
 *
 * @example A network that counts connections
 * ```ts
 * import { Messenger, MimServer } from "@mim/mim";
 * import { type Network, systemNetwork } from "@mim/mim/server";
 * import { assertEquals } from "@std/assert";
 *
 * let dials = 0;
 * const network: Network = {
 *   listen: (at) => systemNetwork.listen(at),
 *   connect(to) {
 *     dials++;
 *     return systemNetwork.connect(to);
 *   },
 * };
 * await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0 });
 * const at = { hostname: "127.0.0.1", port: server.port };
 * await using ada = new Messenger({ name: "ada", server: at, network });
 * await ada.login();
 * assertEquals(dials, 1);
 * ```
 */
export interface Network {
  /**
   * Listens at an address of this machine; port 0 lets the system pick.
   *
   * @throws as `Deno.listen`
   */
  listen(at: SocketAddress): Listener;
  /**
   * Connects to a host name or IP address. Of a name's several addresses it takes the first that answers.
   *
   * @throws as `Deno.connect`; the signal's reason if the signal gives up, also during a lookup
   */
  connect(to: SocketAddress & { readonly signal?: AbortSignal }): Promise<Connection>;
  /** This machine's addresses and the names of their interfaces, as far as they may be looked up. */
  interfaces?(): readonly InterfaceAddress[];
}

/**
 * How many connections may wait to be accepted. With Deno's default of 511 a burst of dials overflows
 * it, and those left out wait a second until the system tries again. The system may cap it.
 */
const BACKLOG = 4_096;

/**
 * The machine's own network, through `Deno.listen` and `Deno.connect`.
 *
 * @example
 * ```ts
 * import { systemNetwork } from "@mim/mim/server";
 * import { assertEquals } from "@std/assert";
 *
 * const listener = systemNetwork.listen({ hostname: "127.0.0.1", port: 0 });
 * const ada = await systemNetwork.connect(listener.addr);
 * const bob = await listener.accept();
 * await ada.write(new TextEncoder().encode("hello"));
 * const buffer = new Uint8Array(16);
 * assertEquals(await bob.read(buffer), 5);
 * for (const open of [ada, bob, listener]) open.close();
 * ```
 */
export const systemNetwork: Network = {
  listen({ hostname, port }) {
    try {
      return Deno.listen({ hostname, port, tcpBacklog: BACKLOG });
    } catch (error) {
      throw missingInterface(hostname) ?? error;
    }
  },
  async connect({ hostname, port, signal }) {
    try {
      return await Deno.connect({ hostname: asciiName(hostname), port, signal });
    } catch (error) {
      throw missingInterface(hostname) ?? error;
    }
  },
  interfaces: () => localInterfaces() ?? [],
};

/** The error for an address of an interface that this machine lacks; undefined for other addresses. */
function missingInterface(hostname: string): Error | undefined {
  const [, zone] = /^[\da-f:.]+%(.*)$/i.exec(hostname) ?? [];
  if (
    zone === undefined || /^\d+$/.test(zone) ||
    localInterfaces()?.some(({ name }) => name === zone) !== false
  ) {
    return undefined;
  }
  return new Error(`this machine has no network interface "${zone}", or it is down`);
}

/** A host name in the letters that name servers take: `müller.example` is `xn--mller-kva.example`. */
function asciiName(hostname: string): string {
  return /^[\x20-\x7e]*$/.test(hostname)
    ? hostname
    : URL.parse(`http://${hostname}`)?.hostname ?? hostname;
}

/** Closes a connection or listener in any state. */
export function closeQuietly(resource: { close(): void }): void {
  try {
    resource.close();
  } catch (error) {
    // It has ended already.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
