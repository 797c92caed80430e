import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { HostPort } from "../../protocol/mod.ts";
import { watchCluster } from "./cluster_metrics.ts";
import { CollectedMetrics } from "./collected_metrics.ts";
import { watchProcess } from "./process_metrics.ts";
import { type MetricsServer, type Page, serveMetrics } from "./metrics_server.ts";
import type { ServerStats } from "../stats.ts";

/** Seconds from a change until it is written to everybody. */
const BROADCAST_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Reasons whose series are there from the start: a rate of one that just began would miss its first. */
const REASONS: readonly string[] = [
  ...["block-too-long", "overrun", "odd-string", "unknown-type", "bad-field", "truncated"],
  ...["invalid-name", "name-taken", "second-login", "bad-signature", "not-authentic", "no-answer"],
  ...["server-full", "no-login", "too-slow", "too-many-connections", "too-fast", "keys-only"],
  ...["classic-full", "banned", "not-allowed", "kicked", "standing-by", "name-undecided"],
];

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

  /** @param version the program's own */
  constructor(version: string) {
    const help = "The versions of the program and of Deno; always 1";
    const build = new Gauge({
      name: "mim_build_info",
      help,
      labelNames: ["version", "deno"],
      registers: [this.#registry],
    });
    build.set({ version, deno: Deno.version.deno }, 1);
    watchProcess(this.#registry);
  }

  /** Records how long a broadcast took, in milliseconds. */
  readonly onBroadcast = (milliseconds: number): void => {
    this.#broadcast.observe(milliseconds / 1000);
  };

  /**
   * Serves `/metrics`, `/healthz` and `/readyz` of a server.
   *
   * @throws as `Deno.listen`
   */
  serve(stats: () => ServerStats, at: HostPort): MetricsServer {
    this.#watch(stats);
    if (stats().cluster !== undefined) watchCluster(this.#registry, () => stats().cluster);
    return this.#serve(at, false, () => health(stats().dataProblem));
  }

  /**
   * Serves the same of one that stands by: it is well, and not ready for clients.
   *
   * @throws as `Deno.listen`
   */
  serveStandby(at: HostPort): MetricsServer {
    return this.#serve(at, true, (path) => ({
      contentType: "text/plain",
      text: "standing by\n",
      status: path === "/readyz" ? 503 : 200,
    }));
  }

  #serve(at: HostPort, standsBy: boolean, healthAt: (path: string) => Page): MetricsServer {
    const standby = new Gauge({
      name: "mim_server_standby",
      help: "Whether the server stands by, while another one serves (1 or 0)",
      registers: [this.#registry],
    });
    standby.set(Number(standsBy));
    return serveMetrics(at, async (path) => {
      if (path === "/healthz" || path === "/readyz") return healthAt(path);
      if (path !== "/metrics") return undefined;
      return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
    });
  }

  #watch(stats: () => ServerStats): void {
    const registers = [this.#registry];
    const { gauge, counter } = new CollectedMetrics(this.#registry);
    gauge("mim_users", "Users online", () => stats().users);
    gauge("mim_connections", "Open connections, logged in or not", () => stats().connections);
    gauge(
      "mim_watching_users",
      "Users online that are told only of whom they watch",
      () => stats().watchingUsers,
    );
    counter("mim_logins_total", "Logins accepted", () => stats().logins);
    new Gauge({
      name: "mim_dialect_users",
      help: "Users online, by the dialect that they speak",
      labelNames: ["dialect"],
      registers,
      collect() {
        const { users, mim2Users } = stats();
        this.set({ dialect: "classic" }, users - mim2Users);
        this.set({ dialect: "mim2" }, mim2Users);
      },
    });
    new Counter({
      name: "mim_dialect_logins_total",
      help: "Logins accepted, by dialect",
      labelNames: ["dialect"],
      registers,
      collect() {
        const { logins, mim2Logins } = stats();
        this.reset();
        this.inc({ dialect: "classic" }, logins - mim2Logins);
        this.inc({ dialect: "mim2" }, mim2Logins);
      },
    });
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
        for (const reason of REASONS) this.inc({ reason }, 0);
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
