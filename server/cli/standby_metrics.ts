import { getLogger } from "@logtape/logtape";
import config from "../../deno.json" with { type: "json" };
import { formatAddress } from "../../protocol/mod.ts";
import type { MetricsServer } from "../metrics/mod.ts";
import type { ServerCliOptions } from "./options.ts";

const logger = getLogger(["mim", "server"]);

/**
 * Serves the metrics of a server that stands by; undefined if the options want none.
 *
 * @throws as `Deno.listen`
 */
export async function serveStandbyMetrics(
  { metrics: at }: ServerCliOptions,
): Promise<MetricsServer | undefined> {
  if (at === undefined) return undefined;
  const { Metrics } = await import("../metrics/mod.ts");
  const server = new Metrics(config.version).serveStandby(at);
  logMetrics(server);
  return server;
}

/** Logs where metrics are served. */
export function logMetrics({ addr }: MetricsServer): void {
  const address = formatAddress(addr.hostname, addr.port);
  logger.info("metrics at http://{address}/metrics", { address });
}
