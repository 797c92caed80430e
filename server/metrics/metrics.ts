import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { HostPort } from "../../protocol/mod.ts";
import { type MetricsServer, type Page, serveMetrics } from "./metrics_server.ts";
import type { ServerStats } from "../stats.ts";

/** Seconds from a change until it is written to everybody. */
const BROADCAST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** A server's metrics in the format of Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #broadcast = new Histogram({
    name: "mim_broadcast_seconds",
    help:
      "Time from a change of the online table until it is written to all clients that take it " +
      "within 10 s (for the others see mim_slowest_lag_bytes)",
    buckets: BROADCAST_BUCKETS,
    registers: [this.#registry],
  });

  /** Records how long a broadcast took, in milliseconds. */
  readonly onBroadcast = (milliseconds: number): void => {
    this.#broadcast.observe(milliseconds / 1000);
  };

  /**
   * Serves `/metrics` and `/healthz`.
   *
   * @throws as `Deno.listen`
   */
  serve(stats: () => ServerStats, at: HostPort): MetricsServer {
    this.#watch(stats);
    return serveMetrics(at, async (path) => {
      if (path === "/healthz") return health(stats().dataProblem);
      if (path !== "/metrics") return undefined;
      return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
    });
  }

  #watch(stats: () => ServerStats): void {
    const registers = [this.#registry];
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    const counter = (name: string, help: string, value: () => number) =>
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(value());
        },
      });
    gauge("mim_users", "Users online", () => stats().users);
    gauge("mim_connections", "Open connections, logged in or not", () => stats().connections);
    counter("mim_logins_total", "Logins accepted", () => stats().logins);
    gauge("mim_mim2_users", "Users online with MIM/2", () => stats().mim2Users);
    counter("mim_mim2_logins_total", "Logins accepted in MIM/2", () => stats().mim2Logins);
    counter("mim_logouts_total", "Users who left, for any reason", () => stats().logouts);
    counter(
      "mim_updates_total",
      "Changes of the online table that were broadcast",
      () => stats().updates,
    );
    counter("mim_sent_bytes_total", "Bytes written to clients", () => stats().bytesOut);
    gauge(
      "mim_data_folder_usable",
      "Whether the data folder can be used (1 or 0)",
      () => stats().dataProblem === undefined ? 1 : 0,
    );
    counter(
      "mim_accept_failures_total",
      "Failures to accept a connection, for example for want of file descriptors",
      () => stats().acceptFailures,
    );
    gauge("mim_update_log_bytes", "Memory held by the update log", () => stats().logBytes);
    gauge(
      "mim_slowest_lag_bytes",
      "How far the slowest client lags behind the update log",
      () => stats().slowestLag,
    );
    gauge(
      "process_resident_memory_bytes",
      "Resident memory of the process",
      () => Deno.memoryUsage().rss,
    );
    new Counter({
      name: "mim_probes_total",
      help: "Probes of MIM/2 clients' listeners, by result",
      labelNames: ["result"],
      registers,
      collect() {
        this.reset();
        for (const [result, count] of Object.entries(stats().probes)) this.inc({ result }, count);
      },
    });
    new Counter({
      name: "mim_rejections_total",
      help:
        "Connections that the server rejected or closed, or that ended in the middle of a login " +
        "(truncated), by reason",
      labelNames: ["reason"],
      registers,
      collect() {
        this.reset();
        for (const [reason, count] of stats().rejections) this.inc({ reason }, count);
      },
    });
  }
}

function health(problem: string | undefined): Page {
  const contentType = "text/plain";
  return problem === undefined
    ? { contentType, text: "ok\n" }
    : { contentType, text: `${problem}\n`, status: 503 };
}
