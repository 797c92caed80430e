/**
 * Two servers, `quiet` and `alive`; only the second breaks its silences, and the first dials the listeners
 * of its users if a second number says how often. Prints `listening` and their
 * ports; then, as `quiet` or `alive`, what somebody who is logged in there is told; and after each
 * line on stdin `stats`, which says how they are doing. Logs at stderr.
 *
 * Usage: half_open_server.ts MILLISECONDS-OF-SILENCE [MILLISECONDS-BETWEEN-DIALS]
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { DecoderStream, encodeLogin, ServerDecoder } from "../../protocol/mod.ts";
import { logToStderr } from "../../server/cli/log.ts";
import { MimServer } from "../../server/mod.ts";

const [silence, dialInterval] = Deno.args;
await logToStderr("debug", "text");
const servers = {
  quiet: MimServer.listen({
    hostname: "0.0.0.0",
    port: 0,
    ...dialInterval !== undefined && { classicDialIntervalMs: Number(dialInterval) },
  }),
  alive: MimServer.listen({
    hostname: "0.0.0.0",
    port: 0,
    keepAliveIntervalMs: Number(silence),
  }),
};
for (const [name, server] of Object.entries(servers)) void watch(name, server.port);
console.log(`listening ${servers.quiet.port} ${servers.alive.port}`);

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream())
  .pipeThrough(new TextLineStream());
for await (const _ of lines) {
  const all = Object.entries(servers).map(([name, { stats: { users, connections, logouts } }]) =>
    `${name} ${users} users ${connections} connections ${logouts} logouts`
  );
  console.log(`stats ${all.join(", ")}`);
}
Deno.exit();

async function watch(server: string, port: number): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(encodeLogin({ name: "watcher", port: 1 }));
  for await (
    const message of connection.readable.pipeThrough(new DecoderStream(new ServerDecoder()))
  ) {
    if (message.type !== "add" && message.type !== "delete") continue;
    const { name, address } = message.entry;
    console.log(`${server} ${message.type} ${name} ${address}`.trim());
  }
}
