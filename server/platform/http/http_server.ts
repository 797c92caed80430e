import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import { acceptConnections } from "../net/accept.ts";
import { closeQuietly, type SocketAddress } from "../net/network.ts";

/** Connections at once that have not shown who they are; the oldest makes room. */
const MAX_STRANGERS = 64;
/** How long such a connection may last. */
const STRANGER_TIMEOUT_MS = 10_000;
const MAX_HEADER_BYTES = 16_384;

/** A connection to a server. */
export interface HttpConnection {
  readonly remote: SocketAddress;
  /** It has shown that it may stay: others can't displace it, and it may last. */
  trust(): void;
}

export interface HttpHandlers {
  onRequest(request: IncomingMessage, response: ServerResponse, from: HttpConnection): void;
  /** A request for another protocol, over whose connection the handler answers. */
  onUpgrade(request: IncomingMessage, stream: Duplex, from: HttpConnection): void;
}

/** A server that serves until it is closed. */
export interface HttpServer {
  readonly port: number;
  /** Closes it and its connections. */
  close(): Promise<void>;
}

/**
 * Serves HTTP on 127.0.0.1, at a port that the system picks. It accepts connections itself: `Deno.serve`
 * ends, and `node:http` accepts no more, once there was no file descriptor for one.
 */
export function serveHttp(
  handlers: HttpHandlers,
  { maxStrangers = MAX_STRANGERS, strangerTimeoutMs = STRANGER_TIMEOUT_MS } = {},
): HttpServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Map<Duplex, HttpConnection>();
  /** The oldest first. */
  const strangers = new Set<Duplex>();
  const http = createServer({ maxHeaderSize: MAX_HEADER_BYTES });
  http.on("request", (request, response) => {
    const from = connections.get(request.socket);
    if (from === undefined) response.destroy();
    else handlers.onRequest(request, response, from);
  });
  http.on("upgrade", (request, stream) => {
    const from = connections.get(request.socket);
    if (from === undefined) stream.destroy();
    else handlers.onUpgrade(request, stream, from);
  });
  const serve = (connection: Deno.TcpConn) => {
    const { readable, writable, remoteAddr } = connection;
    const stream = Duplex.fromWeb({ readable, writable });
    const timer = setTimeout(() => stream.destroy(), strangerTimeoutMs);
    const trust = () => {
      clearTimeout(timer);
      strangers.delete(stream);
    };
    connections.set(stream, { remote: remoteAddr, trust });
    strangers.add(stream);
    stream.on("error", () => {}); // the other end has gone, or speaks no HTTP
    stream.on("close", () => {
      trust();
      connections.delete(stream);
      closeQuietly(connection);
    });
    const [oldest] = strangers;
    if (oldest !== undefined && strangers.size > maxStrangers) {
      strangers.delete(oldest); // its event comes later than the next connection
      oldest.destroy();
    }
    http.emit("connection", stream);
  };
  const closing = new AbortController();
  const accepting = acceptConnections(listener, serve, () => {}, closing.signal);
  return {
    port: listener.addr.port,
    async close() {
      if (!closing.signal.aborted) closeQuietly(listener);
      closing.abort();
      for (const stream of connections.keys()) stream.destroy();
      await accepting;
    },
  };
}
