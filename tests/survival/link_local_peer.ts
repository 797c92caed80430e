/**
 * A peer that is reached on its own link alone. With no arguments it listens, and prints its port and
 * its link-local address; with these two it dials, until somebody answers.
 */

import { dialUser } from "../../client/core/peer/dial.ts";
import { systemNetwork } from "../../server/mod.ts";

const [port, address] = Deno.args;
if (port === undefined || address === undefined) {
  const listener = systemNetwork.listen({ hostname: "::", port: 0 });
  const own = Deno.networkInterfaces().find(({ address }) => address.startsWith("fe80:"));
  console.log(`listening ${listener.addr.port} ${own?.address}`);
  for (;;) (await listener.accept()).close();
}
for (;;) {
  try {
    const { remoteAddr } = await dialUser(systemNetwork, {
      address,
      port: Number(port),
      isStranger: false,
    });
    console.log(`connected ${remoteAddr.hostname}`);
    break;
  } catch {
    // A new interface's own address takes a second or two to be of use.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
