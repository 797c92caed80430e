/**
 * Logs in at some servers, says `online`, and reads what it is told until it is killed.
 *
 * Usage: half_open_client.ts ADDRESS PORT…
 *
 * @module
 */

import { encodeLogin } from "../../protocol/mod.ts";

const [hostname = "", ...ports] = Deno.args;
const listener = Deno.listen({ hostname: "0.0.0.0", port: 0 });
void hangUp();
await Promise.all(ports.map(async (port) => {
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(encodeLogin({ name: "dead", port: listener.addr.port }));
  console.log("online");
  const buffer = new Uint8Array(4096);
  while (await connection.read(buffer) !== null);
}));

/** Closes each connection to its listener. */
async function hangUp(): Promise<void> {
  for await (const caller of listener) caller.close();
}
