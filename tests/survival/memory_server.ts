/**
 * A server that says how much memory it has. Prints `listening PORT`; then, after each line on stdin,
 * `connections NUMBER memory KIB`, what is not needed any more having been collected.
 *
 * Usage: deno run --v8-flags=--expose-gc memory_server.ts MILLISECONDS-TO-LOG-IN
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { MimServer } from "../../server/mod.ts";

const collect: unknown = Reflect.get(globalThis, "gc");
if (typeof collect !== "function") throw new TypeError("expected --v8-flags=--expose-gc");
const loginTime = Number(Deno.args[0]);
const server = MimServer.listen({ hostname: "127.0.0.1", port: 0, loginTimeoutMs: loginTime });
console.log(`listening ${server.port}`);

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const _ of lines) {
  collect();
  const memory = Math.round(Deno.memoryUsage().rss / 1024);
  console.log(`connections ${server.connectionCount} memory ${memory}`);
}
Deno.exit();
