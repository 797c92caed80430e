import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Duplex } from "node:stream";
import { getLogger } from "@logtape/logtape";
import type { HostPort } from "../../protocol/mod.ts";
import { acceptConnections } from "../platform/net/accept.ts";
import { closeQuietly } from "../platform/net/network.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { throttle } from "../platform/util/throttle.ts";

const logger = getLogger(["mim", "server"]);
/** Connections at once; the server closes any more. */
const MAX_CONNECTIONS = 64;
/** How long a request and its answer may take together. */
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_HEADER_BYTES = 8_192;
const FAILURE_LOG_INTERVAL_MS = 1_000;

/** The response at a path. */
export interface Page {
  readonly contentType: string;
  readonly text: string;
  /** Default: 200. */
  readonly status?: number;
}

/** The page for a path; undefined if there is none. */
export type PageOf = (path: string) => Promise<Page | undefined>;

/** A server that serves until it is closed. */
export interface MetricsServer {
  /** The address of the listener, with the real port. */
  readonly addr: HostPort;
  /** Closes it and its connections, without waiting for anybody to read. */
  close(): Promise<void>;
}

/**
 * Serves pages over HTTP, one request a connection. It accepts connections itself: `Deno.serve` and
 * `node:http` accept no more once there was no file descriptor for one.
 *
 * @throws as `Deno.listen`
 */
export function serveMetrics(
  { hostname, port }: HostPort,
  pageOf: PageOf,
  { maxConnections = MAX_CONNECTIONS, requestTimeoutMs = REQUEST_TIMEOUT_MS } = {},
): MetricsServer {
  const http = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (request, response) => {
    answer(request, response, pageOf).catch(() => response.destroy());
  });
  const listener = Deno.listen({ hostname, port });
  const open = new Set<Duplex>();
  const serve = (connection: Deno.TcpConn) => {
    if (open.size >= maxConnections) return connection.close();
    const { readable, writable } = connection;
    const stream = Duplex.fromWeb({ readable, writable });
    const timer = setTimeout(() => stream.destroy(), requestTimeoutMs);
    open.add(stream);
    stream.on("error", () => {}); // the other end has gone, or speaks no HTTP
    stream.on("close", () => {
      clearTimeout(timer);
      open.delete(stream);
      closeQuietly(connection);
    });
    http.emit("connection", stream);
  };
  const mayLog = throttle(FAILURE_LOG_INTERVAL_MS);
  const fail = (error: unknown) => {
    if (mayLog()) logger.error("cannot serve metrics: {reason}", { reason: reasonOf(error) });
  };
  const closing = new AbortController();
  const accepting = acceptConnections(listener, serve, fail, closing.signal);
  return {
    addr: listener.addr,
    async close() {
      if (!closing.signal.aborted) closeQuietly(listener);
      closing.abort();
      for (const stream of open) stream.destroy();
      await accepting;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pageOf: PageOf,
): Promise<void> {
  response.setHeader("connection", "close");
  const isRead = request.method === "GET" || request.method === "HEAD";
  const page = isRead ? await pageOf(pathOf(request.url)) : undefined;
  response.statusCode = page !== undefined ? page.status ?? 200 : isRead ? 404 : 405;
  response.setHeader("content-type", page?.contentType ?? "text/plain");
  response.end(
    page?.text ?? (isRead ? "No such page: see /metrics, /healthz and /readyz\n" : "Use GET\n"),
  );
}

/** A request through a proxy names the host as well. */
function pathOf(target = "/"): string {
  return target.startsWith("/") ? target.replace(/\?.*$/s, "") : URL.parse(target)?.pathname ?? "";
}
