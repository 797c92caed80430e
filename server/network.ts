import { limits } from "../protocol/mod.ts";

/** Where a socket is, or where it goes to. */
export interface SocketAddress {
  /** An IP address as text. */
  readonly hostname: string;
  /** 0 to 65,535. */
  readonly port: number;
}

/** One TCP connection: what MIM uses of `Deno.TcpConn`, with its meaning. */
export interface Connection {
  /** The other end. */
  readonly remoteAddr: SocketAddress;
  /** This end. */
  readonly localAddr: SocketAddress;
  /** Reads into `buffer`; resolves to the number of bytes, or to null at the other side's end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Writes some of `bytes`; resolves to how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Says that nothing more will be written. */
  closeWrite(): Promise<void>;
  /** Ends both ways; pending calls reject. */
  close(): void;
  /** Sends small writes at once instead of waiting for more. */
  setNoDelay(noDelay?: boolean): void;
}

/** A TCP listener: what MIM uses of `Deno.TcpListener`. */
export interface Listener {
  /** Where it listens, with the real port. */
  readonly addr: SocketAddress;
  /** Resolves to the next connection; rejects once the listener is closed. */
  accept(): Promise<Connection>;
  /** Stops listening; a pending accept rejects. */
  close(): void;
}

/** The way to the network: the real one, or one of a test. */
export interface Network {
  /** Listens at an address of this machine; port 0 lets the system pick. Throws as `Deno.listen`. */
  listen(at: SocketAddress): Listener;
  /** Connects to a host name or IP address. Rejects as `Deno.connect`. */
  connect(to: SocketAddress & { readonly signal?: AbortSignal }): Promise<Connection>;
}

/**
 * How many connections may wait to be accepted. With Deno's default of 511 a burst of dials overflows
 * it, and those left out wait a second until the system tries again. The system may cap it.
 */
const BACKLOG = 4_096;

/** The machine's own network, through `Deno.listen` and `Deno.connect`. */
export const systemNetwork: Network = {
  listen: ({ hostname, port }) => Deno.listen({ hostname, port, tcpBacklog: BACKLOG }),
  connect: (to) => Deno.connect({ hostname: to.hostname, port: to.port, signal: to.signal }),
};

/**
 * Listens at one address, or at every address of the machine.
 *
 * @param hostname an address, or undefined for every one: IPv6 and IPv4 with one socket where the
 *   system can do that, else IPv4
 * @throws {RangeError} for a port that is none; else as `Deno.listen`
 */
export function listenAt(network: Network, hostname: string | undefined, port: number): Listener {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`expected a port from 0 to 65535, got ${port}`);
  }
  if (hostname !== undefined) return network.listen({ hostname, port });
  if (Deno.build.os !== "windows") { // where a socket on :: takes no IPv4
    try {
      return network.listen({ hostname: "::", port });
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) throw error;
      // A machine without IPv6.
    }
  }
  return network.listen({ hostname: "0.0.0.0", port });
}

/**
 * Connects, or gives up after {@linkcode limits}.dialTime.
 *
 * @param signal gives up early
 * @throws {DOMException} `TimeoutError`, or the signal's reason; else as `Deno.connect`
 */
export async function dial(
  network: Network,
  hostname: string,
  port: number,
  signal?: AbortSignal,
): Promise<Connection> {
  const timeout = AbortSignal.timeout(limits.dialTime);
  const either = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  const connection = await network.connect({ hostname, port, signal: either });
  connection.setNoDelay();
  return connection;
}

/** Closes a connection or listener, whatever state it is in. */
export function closeQuietly(resource: { close(): void }): void {
  try {
    resource.close();
  } catch (error) {
    // What has already ended can't be closed: that is what was wanted.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}
