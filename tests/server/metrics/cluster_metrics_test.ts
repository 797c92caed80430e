import { assertStringIncludes } from "@std/assert";
import { Registry } from "prom-client";
import { watchCluster } from "../../../server/metrics/cluster_metrics.ts";

Deno.test("cluster metrics: each has its value, and counters don't add up by being read", async () => {
  const registry = new Registry();
  watchCluster(registry, () => ({
    isConnected: true,
    canClaim: false,
    nodes: 2,
    remoteUsers: 30,
    lag: 4,
    silenceMs: 1_500,
    gaps: 5,
    unopened: 6,
  }));
  await registry.metrics();
  const text = await registry.metrics();
  for (
    const line of [
      "mim_cluster_connected 1",
      "mim_cluster_can_claim 0",
      "mim_cluster_nodes 2",
      "mim_cluster_remote_users 30",
      "mim_cluster_lag_messages 4",
      "mim_cluster_silence_seconds 1.5",
      "mim_cluster_gaps_total 5",
      "mim_cluster_unopened_total 6",
    ]
  ) assertStringIncludes(text, `\n${line}\n`);
});
