import type { Registry } from "prom-client";
import type { ClusterStats } from "../stats.ts";
import { CollectedMetrics } from "./collected_metrics.ts";

/** Adds what a server knows of its cluster. */
export function watchCluster(registry: Registry, stats: () => ClusterStats | undefined): void {
  const metrics = new CollectedMetrics(registry);
  type Value = (stats: ClusterStats) => number;
  const now = (value: Value) => () => {
    const cluster = stats();
    return cluster && value(cluster);
  };
  const gauge = (name: string, help: string, value: Value) => metrics.gauge(name, help, now(value));
  const counter = (name: string, help: string, value: Value) =>
    metrics.counter(name, help, now(value));
  gauge(
    "mim_cluster_connected",
    "Whether the server is connected to NATS (1 or 0)",
    ({ isConnected }) => Number(isConnected),
  );
  gauge(
    "mim_cluster_can_claim",
    "Whether names that are new can be claimed (1 or 0)",
    ({ canClaim }) => Number(canClaim),
  );
  gauge("mim_cluster_nodes", "Other servers of the cluster", ({ nodes }) => nodes);
  gauge(
    "mim_cluster_remote_users",
    "Users online at other servers of the cluster",
    ({ remoteUsers }) => remoteUsers,
  );
  gauge(
    "mim_cluster_lag_messages",
    "Messages with changes of other servers that have not come yet",
    ({ lag }) => lag,
  );
  gauge(
    "mim_cluster_silence_seconds",
    "Silence of the server that is silent for longest",
    ({ silenceMs }) => silenceMs / 1000,
  );
  counter(
    "mim_cluster_gaps_total",
    "Times that changes of another server were missing",
    ({ gaps }) => gaps,
  );
  counter(
    "mim_cluster_unopened_total",
    "Messages that no server with this key has sealed",
    ({ unopened }) => unopened,
  );
}
