/**
 * Logs in at some servers, says `online`, and reads what it is told until it is killed.
 *
 * Usage: half_open_client.ts ADDRESS PORT…
 *
 * @module
 */

import { encodeLogin } from "../../protocol/mod.ts";

const [hostname = "", ...ports] = Deno.args;
await Promise.all(ports.map(async (port) => {
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(encodeLogin({ name: "dead", port: 1 }));
  console.log("online");
  const buffer = new Uint8Array(4096);
  while (await connection.read(buffer) !== null);
}));
