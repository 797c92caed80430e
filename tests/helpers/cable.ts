/** A cable between two programs of a test: it can be cut, pulled out and mended. */

import { byteStream, writeAll } from "../../server/platform/net/byte_stream.ts";
import { closeQuietly } from "../../server/platform/net/network.ts";

/** Listens at this machine's loopback, and passes everything on to a port of it. */
export class Cable implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #to: number;
  readonly #sockets = new Set<Deno.TcpConn>();
  readonly #work: Promise<unknown>[] = [];
  /** Resolves once it is mended; undefined while it is whole. */
  #mended: PromiseWithResolvers<void> | undefined;

  /** @param to the port at the other end */
  constructor(to: number) {
    this.#to = to;
    this.#work.push(this.#accept());
  }

  /** The port at this end. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** From now on nothing passes, and nobody is told. */
  cut(): void {
    this.#mended ??= Promise.withResolvers<void>();
  }

  /** Everything passes again, what was sent meanwhile too. */
  mend(): void {
    this.#mended?.resolve();
    this.#mended = undefined;
  }

  /** Closes all connections through it; new ones pass. */
  reset(): void {
    for (const socket of this.#sockets) closeQuietly(socket);
    this.#sockets.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.mend();
    this.reset();
    await Promise.all(this.#work);
  }

  async #accept(): Promise<void> {
    for await (const near of accepted(this.#listener)) {
      this.#sockets.add(near);
      await this.#mended?.promise;
      try {
        const far = await Deno.connect({ hostname: "127.0.0.1", port: this.#to });
        this.#sockets.add(far);
        this.#work.push(this.serve(near, far));
      } catch {
        closeQuietly(near);
      }
    }
  }

  /** Serves a connection until it ends, with the one to the other end. */
  protected async serve(near: Deno.TcpConn, far: Deno.TcpConn): Promise<void> {
    await Promise.all([this.#pass(near, far), this.#pass(far, near)]);
  }

  async #pass(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    try {
      for await (const chunk of byteStream(from, 16_384)) {
        await this.#mended?.promise;
        await writeAll(to, chunk);
      }
    } catch {
      // One of the two has gone.
    }
    for (const socket of [from, to]) {
      closeQuietly(socket);
      this.#sockets.delete(socket);
    }
  }
}

async function* accepted(listener: Deno.TcpListener): AsyncGenerator<Deno.TcpConn> {
  try {
    for await (const connection of listener) yield connection;
  } catch {
    // Closed.
  }
}
