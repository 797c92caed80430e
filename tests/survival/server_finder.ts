/** Prints each server that is found within so many milliseconds: title, key, and addresses with port. */
import { findServers } from "../../client/core/discovery/mod.ts";

for await (const server of findServers(AbortSignal.timeout(Number(Deno.args[0])))) {
  const { title, key, port, addresses } = server;
  // A server is one line, with any title.
  const shown = JSON.stringify(title).slice(1, -1);
  console.log([shown, key?.toHex() ?? "no key", port, ...addresses].map(String).join("|"));
}
console.log("end");
