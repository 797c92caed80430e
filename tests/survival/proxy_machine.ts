/**
 * A server, and the way to it, on which somebody does what each line on stdin says, once.
 *
 * Usage: proxy_machine.ts DATA-FOLDER. Prints `listening` and the port of the way.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { encodeFrame } from "../../protocol/mod.ts";
import { MimServer } from "../../server/mod.ts";
import { type ProxiedConnection, type ProxyRules, TcpProxy } from "../helpers/tcp_proxy.ts";

const NOISE = 1;
const LOG = 2;
const [data = ""] = Deno.args;
const server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data, pingIntervalMs: 1_000 });
const proxy = new TcpProxy({ hostname: "127.0.0.1", port: server.port }, "0.0.0.0");

type Block = Uint8Array;

/** Does something to the next record of the log for somebody who is there already. */
function toRecord(act: (record: Block, fromClient: readonly Block[]) => Block[]): () => ProxyRules {
  return () => {
    const there = new Set(proxy.connections);
    let isDone = false;
    return {
      fromServer: (block, connection) => {
        if (isDone || block[2] !== LOG || !there.has(connection)) return [block];
        isDone = true;
        return act(block, connection.fromClient);
      },
    };
  };
}

/** Does something to the welcome of each connection to come. */
function toWelcome(act: (welcome: string) => string): () => ProxyRules {
  return () => ({
    welcome: (bytes) => new TextEncoder().encode(act(new TextDecoder().decode(bytes))),
  });
}

function flipped(block: Block): Block {
  const changed = block.slice();
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  return changed;
}

const ACTS: Readonly<Record<string, () => ProxyRules>> = {
  "hold something back": toRecord(() => []),
  "replay": toRecord((record) => [record, record]),
  "change": toRecord((record) => [flipped(record)]),
  "inject": toRecord((record) => [record, encodeFrame(crypto.getRandomValues(new Uint8Array(80)))]),
  "reflect": toRecord((record, fromClient) => [
    record,
    encodeFrame(Uint8Array.of(NOISE, ...fromClient.at(-1)?.subarray(2) ?? [])),
  ]),
  "change the welcome": toWelcome((welcome) => welcome.replace("Welcome", "Wellcome")),
  "take out the announcement": toWelcome((welcome) => welcome.replace(/^MIM\/2.*\n/m, "")),
  "pass a login on": () => {
    const [, login] = proxy.connections[0]?.fromClient ?? [];
    // Those who are there already answer pings meanwhile.
    const there = new Set(proxy.connections);
    const isLogin = (connection: ProxiedConnection) =>
      !there.has(connection) && connection.fromClient.length === 2;
    return {
      fromClient: (block, connection) =>
        login !== undefined && isLogin(connection) ? [login] : [block],
    };
  },
  "nothing": () => ({}),
};

console.log(`listening ${proxy.at.port}`);
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const line of lines) {
  const act = ACTS[line];
  if (act === undefined) throw new Error(`expected one of ${Object.keys(ACTS)}, got ${line}`);
  proxy.rules = act();
  console.log(`ready to ${line}`);
}
Deno.exit();
