import { getLogger } from "@logtape/logtape";
import type { HostPort } from "../../protocol/mod.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { closeQuietly } from "../platform/net/network.ts";

const logger = getLogger(["mim", "server"]);
/** How long serving rests after it failed: there may be no file descriptor left. */
const REST = 1_000;
/** Connections at once; who comes on top is closed. */
const MOST = 64;
/** How long a request and its answer may take together, in milliseconds. */
const PATIENCE = 10_000;
/** How long a request's first line and headers may be, in bytes. */
const LONGEST_HEAD = 8_192;

const encoder = new TextEncoder();

/** What to answer to a GET of a path. */
export type HttpResponse = (path: string) => Response | Promise<Response>;

/**
 * Serves HTTP until it is closed: a GET a connection, which is all that scraping needs. `Deno.serve`
 * would keep connections open for as long as their other ends like, any number of them, and end for
 * good at the first that it cannot accept.
 */
export class HttpServer implements AsyncDisposable {
  readonly #answer: HttpResponse;
  readonly #most: number;
  readonly #patience: number;
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #accepting: Promise<void>;
  readonly #closing = Promise.withResolvers<void>();
  #closed = false;

  /**
   * @param most connections at once
   * @param patience how long one may take, in milliseconds
   * @throws as `Deno.listen` where it can't listen there
   */
  constructor(
    { hostname, port }: HostPort,
    answer: HttpResponse,
    most = MOST,
    patience = PATIENCE,
  ) {
    this.#answer = answer;
    this.#most = most;
    this.#patience = patience;
    this.#listener = Deno.listen({ hostname, port });
    this.#accepting = this.#accept();
  }

  /** Where it serves, with the real port. */
  get addr(): HostPort {
    return this.#listener.addr;
  }

  /** Closes it and its connections, without waiting for anybody to read. */
  async close(): Promise<void> {
    if (!this.#closed) closeQuietly(this.#listener);
    this.#closed = true;
    this.#closing.resolve();
    for (const connection of this.#open) closeQuietly(connection);
    await this.#accepting;
  }

  /** The same as {@linkcode HttpServer.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #accept(): Promise<void> {
    while (!this.#closed) {
      try {
        const connection = await this.#listener.accept();
        if (this.#open.size < this.#most) void this.#serve(connection);
        else closeQuietly(connection);
      } catch (error) {
        if (this.#closed) return;
        logger.error("cannot serve metrics: {reason}", { reason: reasonOf(error) });
        await this.#rest();
      }
    }
  }

  async #rest(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, REST);
    await Promise.race([promise, this.#closing.promise]);
    clearTimeout(timer);
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    this.#open.add(connection);
    const timer = setTimeout(() => closeQuietly(connection), this.#patience);
    try {
      const head = await headFrom(connection);
      if (head !== undefined) await writeAnswer(connection, head, await this.#answerTo(head));
    } catch {
      // Whoever asked is gone, or took too long.
    }
    clearTimeout(timer);
    this.#open.delete(connection);
    closeQuietly(connection);
  }

  async #answerTo(head: string): Promise<Response> {
    const [, method, target = ""] = /^(\S+) (\S+) HTTP\/1\.[01]\r\n/.exec(head) ?? [];
    if (method === undefined) return refused(400, "expected an HTTP request of at most 8 KiB");
    if (method !== "GET" && method !== "HEAD") return refused(405, "expected GET");
    // Whoever asks through a proxy names the host too; what follows "//" would be a host as well.
    const path = target.startsWith("/") && !target.startsWith("//");
    const url = URL.parse(path ? `http://host${target}` : target);
    if (url === null) return refused(400, "expected the path of a page");
    return await this.#answer(url.pathname);
  }
}

function refused(status: number, text: string): Response {
  return new Response(`${text}\n`, { status });
}

/** What comes before a request's body; cut off where it is too long, undefined where it never ends. */
async function headFrom(connection: Deno.TcpConn): Promise<string | undefined> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1_024);
  let head = "";
  while (!head.includes("\r\n\r\n")) {
    const length = await connection.read(buffer);
    if (length === null) return undefined;
    head += decoder.decode(buffer.subarray(0, length), { stream: true });
    if (head.length > LONGEST_HEAD) return "";
  }
  return head;
}

async function writeAnswer(
  connection: Deno.TcpConn,
  head: string,
  answer: Response,
): Promise<void> {
  const body = await answer.bytes();
  const lines = [
    `HTTP/1.1 ${answer.status} ${answer.statusText}`,
    `content-type: ${answer.headers.get("content-type") ?? "text/plain"}`,
    `content-length: ${body.length}`,
    "connection: close",
  ];
  await writeAll(connection, encoder.encode(`${lines.join("\r\n")}\r\n\r\n`));
  if (!head.startsWith("HEAD ")) await writeAll(connection, body);
  await connection.closeWrite();
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}
