import type { ClusterOptions } from "../options.ts";
import { checkClusterOptions } from "./check_options.ts";
import type { ClusterBus } from "./cluster_bus.ts";
import { ClusterNode, type ClusterServer, type CreateBus } from "./cluster_node.ts";

/** The exports of `nats_bus.ts`. */
interface BusModule {
  readonly NatsBus: new (...args: Parameters<CreateBus>) => ClusterBus;
}

/**
 * Loads NATS and joins a cluster.
 *
 * @throws {RangeError} if an option does not fit, or NATS can't be loaded
 */
export async function joinCluster(
  options: ClusterOptions,
  server: ClusterServer,
): Promise<ClusterNode> {
  checkClusterOptions(options);
  const { NatsBus } = await loadBus();
  return new ClusterNode(options, server, (...args) => new NatsBus(...args));
}

/**
 * Not by a name that Deno finds before the program runs: it would fetch NATS for everybody. A package has it
 * in a bundle of its own, beside the program's.
 */
async function loadBus(): Promise<BusModule> {
  const name = import.meta.url.endsWith(".ts") ? "nats_bus.ts" : "nats_bus.js";
  try {
    return await import(new URL(name, import.meta.url).href);
  } catch (error) {
    const how = "install a package of the server, or start it from its sources with " +
      "`deno task server:cluster`";
    throw new RangeError(`NATS can't be loaded: ${how}`, { cause: error });
  }
}
