import { parseAddress } from "../../protocol/mod.ts";
import { reasonOf } from "../../server/platform/util/errors.ts";

/**
 * Describes why this machine can't be reached at an address of the config file's `listen`: its name is
 * unknown, or the address belongs to another machine; undefined if it can. The port is not tried, since
 * this client may listen there itself.
 */
export async function whyNotReachableAt(listen: string): Promise<string | undefined> {
  if (listen.startsWith(":")) return undefined;
  const { hostname } = parseAddress(listen, 0);
  try {
    // The system may look for a name for a long time, and Deno.listen would wait for it.
    const { lookup } = await import("node:dns/promises");
    const address = hostname.includes(":") ? hostname : (await lookup(hostname)).address;
    Deno.listen({ hostname: address, port: 0 }).close();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
