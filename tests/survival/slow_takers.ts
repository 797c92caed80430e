/**
 * Clients that log in with rows as long as rows may be, and read nothing after that, until it is killed:
 * `slow_takers.ts HOST PORT COUNT`. Says `all are in` at the end.
 *
 * @module
 */

import { takeSlowly } from "../helpers/slow_taker.ts";

const [hostname = "", port = "", count = ""] = Deno.args;
const names = Array.from({ length: Number(count) }, (_, taker) => `taker${taker}`.padEnd(60, "x"));
const takers: Deno.TcpConn[] = [];
await Promise.all(Array.from({ length: 20 }, async () => {
  for (let name; (name = names.pop()) !== undefined;) {
    takers.push(await takeSlowly({ hostname, port: Number(port) }, name));
    if (takers.length % 100 === 0) console.log(`in ${takers.length}`);
  }
}));
console.log("all are in");
await new Promise(() => setInterval(() => {}, 60_000));
