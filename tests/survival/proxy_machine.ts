/**
 * A server, and the way to it: drops what the server says after each line on stdin.
 *
 * Usage: proxy_machine.ts DATA-FOLDER. Prints `listening` and the port of the way.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { MimServer } from "../../server/mod.ts";
import { TcpProxy } from "../helpers/tcp_proxy.ts";

const LOG = 2;
const [data = ""] = Deno.args;
const server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data, pingIntervalMs: 1_000 });
const proxy = new TcpProxy({ hostname: "127.0.0.1", port: server.port }, "0.0.0.0");
console.log(`listening ${proxy.at.port}`);
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const _ of lines) {
  let isDone = false;
  proxy.rules = {
    fromServer: (block) => {
      if (isDone || block[2] !== LOG) return [block];
      isDone = true;
      return [];
    },
  };
}
Deno.exit();
