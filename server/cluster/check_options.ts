import { isLoopback } from "../../protocol/mod.ts";
import type { ClusterOptions } from "../options.ts";

const NAME = /^[A-Za-z0-9_-]{1,32}$/;

/**
 * Checks the options of a cluster before anything is connected.
 *
 * @throws {RangeError} if a server's address or the name is none, or a server on another machine is to be joined
 *   without credentials
 */
export function checkClusterOptions({ servers, name = "mim", credentials }: ClusterOptions): void {
  if (!NAME.test(name)) {
    throw new RangeError(
      `a cluster's name must have 1 to 32 letters, digits, "-" and "_", got "${name}"`,
    );
  }
  if (servers.length === 0) throw new RangeError("expected a NATS server as nats://HOST[:PORT]");
  for (const server of servers) {
    const host = hostOf(server);
    if (host === undefined) {
      throw new RangeError(`expected a NATS server as nats://HOST[:PORT], got "${server}"`);
    }
    if (credentials !== undefined || isOnThisMachine(server)) continue;
    throw new RangeError(
      `the NATS server ${host} is not on this machine: name a file with --cluster-credentials, so that not ` +
        "everybody can disturb the cluster",
    );
  }
}

/** Whether a server of NATS is on this machine. */
export function isOnThisMachine(server: string): boolean {
  const host = hostOf(server);
  return host !== undefined && (host === "localhost" || isLoopback(host));
}

function hostOf(server: string): string | undefined {
  const url = URL.parse(server);
  const isPlain = url !== null && url.protocol === "nats:" && url.username === "" &&
    ["", "/"].includes(url.pathname) && url.search === "" && url.hash === "";
  return isPlain && url.hostname !== "" ? url.hostname.replace(/^\[(.*)\]$/, "$1") : undefined;
}
