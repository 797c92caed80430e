import { getLogger } from "@logtape/logtape";
import type { HostPort } from "../protocol/mod.ts";
import { reasonOf } from "./errors.ts";

const logger = getLogger(["mim", "server"]);
/** How long serving rests after it failed: there may be no file descriptor left. */
const REST = 1_000;

/**
 * Serves HTTP until it is closed. `Deno.serve` alone ends for good, and the process with it, at the
 * first connection that it cannot accept.
 */
export class HttpServer implements AsyncDisposable {
  readonly #answer: (request: Request) => Response | Promise<Response>;
  readonly #closing = new AbortController();
  #http: Deno.HttpServer<Deno.NetAddr>;
  #resting: ReturnType<typeof setTimeout> | undefined;

  /** @throws as `Deno.serve` where it can't listen there */
  constructor(at: HostPort, answer: (request: Request) => Response | Promise<Response>) {
    this.#answer = answer;
    this.#http = this.#serve(at);
  }

  /** Where it serves, with the real port. */
  get addr(): HostPort {
    return this.#http.addr;
  }

  /** Closes it and its connections, without waiting for anybody to read. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#resting);
    await this.#http.finished.catch(() => {});
  }

  /** The same as {@linkcode HttpServer.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #serve({ hostname, port }: HostPort): Deno.HttpServer<Deno.NetAddr> {
    const { signal } = this.#closing;
    const http = Deno.serve({ hostname, port, signal, onListen() {} }, this.#answer);
    http.finished.catch((error) => {
      if (signal.aborted) return;
      logger.error("cannot serve metrics: {reason}", { reason: reasonOf(error) });
      this.#rest();
    });
    return http;
  }

  #rest(): void {
    this.#resting = setTimeout(() => {
      try {
        this.#http = this.#serve(this.addr);
      } catch {
        this.#rest();
      }
    }, REST);
  }
}
