/**
 * The server, which also says how far the slowest of its clients is behind, in bytes: `lag NUMBER`,
 * after each line on stdin.
 *
 * Usage: lag_server.ts; listens on 127.0.0.1 at a port that the system picks, and says which.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { MimServer } from "../../server/mod.ts";

const server = MimServer.listen({ hostname: "127.0.0.1", port: 0 });
console.log(`listening on ${server.hostname}:${server.port}`);
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const _ of lines) console.log(`lag ${server.stats.slowestLag}`);
// Whoever asked is gone.
Deno.exit();
