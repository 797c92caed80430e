/**
 * Dials as the client dials its server or a classic user, and says `connected` or `failed` and why:
 * `dialer.ts HOST PORT`. With a port alone it listens at every address, says `listening`, and `accepted`.
 *
 * @module
 */

import { describeConnectionError } from "../../client/core/errors.ts";
import { dial } from "../../server/platform/net/dial.ts";
import { listenAt, systemNetwork } from "../../server/mod.ts";

const [host = "", port] = Deno.args;
if (port === undefined) {
  const listener = listenAt(systemNetwork, undefined, Number(host));
  console.log(`listening ${listener.addr.port}`);
  for (;;) {
    (await listener.accept()).close();
    console.log("accepted");
  }
}
try {
  const { remoteAddr } = await dial(systemNetwork, host, Number(port));
  console.log(`connected ${remoteAddr.hostname}`);
} catch (error) {
  console.log(`failed ${describeConnectionError(error)}`);
}
Deno.exit();
