/** Prints each server that is found within so many milliseconds: title, key, and addresses with port. */
import { findServers } from "../../client/core/discovery/mod.ts";

for await (const server of findServers(AbortSignal.timeout(Number(Deno.args[0])))) {
  const { title, key, port, addresses } = server;
  // Whatever a title holds, a server is one line.
  const shown = JSON.stringify(title).slice(1, -1);
  console.log([shown, key?.toHex() ?? "no key", port, ...addresses].map(String).join("|"));
}
console.log("end");
