/** A machine on the way to a server: passes on what it likes, as it likes, block by block. */

import { concat } from "@std/bytes/concat";
import { byteStream, writeAll } from "../../server/platform/net/byte_stream.ts";
import { closeQuietly } from "../../server/platform/net/network.ts";
import { WelcomeDecoder } from "../../protocol/mod.ts";

type Bytes = Uint8Array;

/** What becomes of bytes on the way; what is left out is passed on as it is. */
export interface ProxyRules {
  /** The welcome, as sent. */
  readonly welcome?: (welcome: Bytes) => Bytes;
  /** A block of the server behind the welcome, with its size: what goes on in its place. */
  readonly fromServer?: (block: Bytes, connection: ProxiedConnection) => readonly Bytes[];
  /** A block of the client, with its size; the preamble of a link goes on before. */
  readonly fromClient?: (block: Bytes, connection: ProxiedConnection) => readonly Bytes[];
}

/** One connection through the proxy, and the blocks that came so far. */
export interface ProxiedConnection {
  readonly fromServer: Bytes[];
  readonly fromClient: Bytes[];
}

/** Listens at this machine's loopback, or at any address of it, and passes on to a server. */
export class TcpProxy implements AsyncDisposable {
  /** The rules for what comes from now on. */
  rules: ProxyRules = {};
  /** All connections so far. */
  readonly connections: ProxiedConnection[] = [];
  readonly #listener: Deno.TcpListener;
  readonly #server: Deno.ConnectOptions;
  readonly #sockets = new Set<Deno.TcpConn>();
  readonly #work: Promise<unknown>[] = [];

  constructor(
    server: { readonly hostname: string; readonly port: number },
    hostname = "127.0.0.1",
  ) {
    this.#server = { hostname: server.hostname, port: server.port };
    this.#listener = Deno.listen({ hostname, port: 0 });
    this.#work.push(this.#accept());
  }

  /** Where clients find it. */
  get at(): { readonly hostname: string; readonly port: number } {
    return { hostname: "127.0.0.1", port: this.#listener.addr.port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const socket of this.#sockets) closeQuietly(socket);
    await Promise.all(this.#work);
  }

  async #accept(): Promise<void> {
    try {
      for await (const client of this.#listener) {
        this.#sockets.add(client);
        const server = await Deno.connect(this.#server);
        this.#sockets.add(server);
        const connection = { fromServer: [], fromClient: [] };
        this.connections.push(connection);
        this.#work.push(
          this.#pass(server, client, passServer(this, connection)),
          this.#pass(client, server, passClient(this, connection)),
        );
      }
    } catch {
      // Closed.
    }
  }

  async #pass(
    from: Deno.TcpConn,
    to: Deno.TcpConn,
    change: (chunk: Bytes) => readonly Bytes[],
  ): Promise<void> {
    try {
      for await (const chunk of byteStream(from, 16_384)) {
        for (const bytes of change(chunk)) await writeAll(to, bytes);
      }
    } catch {
      // One of the two has gone.
    }
    for (const socket of [from, to]) closeQuietly(socket);
  }
}

function passServer(
  proxy: TcpProxy,
  connection: ProxiedConnection,
): (chunk: Bytes) => readonly Bytes[] {
  const decoder = new WelcomeDecoder();
  const blocks = new Blocks();
  let welcome: Bytes | undefined = new Uint8Array();
  return (chunk) => {
    if (welcome === undefined) return passed(blocks.push(chunk));
    Array.from(decoder.push(chunk));
    const { rest } = decoder;
    welcome = concat([welcome, chunk.subarray(0, chunk.length - (rest?.length ?? 0))]);
    if (rest === undefined) return [];
    const { welcome: change = (bytes: Bytes) => bytes } = proxy.rules;
    const head = change(welcome);
    welcome = undefined;
    return [head, ...passed(blocks.push(rest))];
  };

  function passed(all: readonly Bytes[]): readonly Bytes[] {
    return all.flatMap((block) => {
      connection.fromServer.push(block);
      return proxy.rules.fromServer?.(block, connection) ?? [block];
    });
  }
}

function passClient(
  proxy: TcpProxy,
  connection: ProxiedConnection,
): (chunk: Bytes) => readonly Bytes[] {
  const blocks = new Blocks();
  let isFirst = true;
  return (chunk) => {
    // The preamble comes in one piece with the handshake's first message.
    const preamble = isFirst && chunk[0] === 0xff ? chunk.subarray(0, 6) : new Uint8Array();
    isFirst = false;
    const passed = blocks.push(chunk.subarray(preamble.length)).flatMap((block) => {
      connection.fromClient.push(block);
      return proxy.rules.fromClient?.(block, connection) ?? [block];
    });
    return [preamble, ...passed];
  };
}

/** Cuts a stream into blocks, sizes included. */
class Blocks {
  #have: Bytes = new Uint8Array();

  push(chunk: Bytes): Bytes[] {
    this.#have = concat([this.#have, chunk]);
    const blocks: Bytes[] = [];
    for (;;) {
      const [high, low] = this.#have;
      if (high === undefined || low === undefined) return blocks;
      const length = 2 + (high << 8 | low);
      if (this.#have.length < length) return blocks;
      blocks.push(this.#have.slice(0, length));
      this.#have = this.#have.slice(length);
    }
  }
}
