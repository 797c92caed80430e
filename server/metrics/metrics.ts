import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { HostPort } from "../../protocol/mod.ts";
import { HttpServer } from "./http_server.ts";
import type { MimServer } from "../server.ts";
import type { ServerStats } from "../stats.ts";

/** Seconds from a change until everybody has been told: a millisecond to ten seconds. */
const TELL_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** A server's metrics in the format of Prometheus, and where they are served. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #tell = new Histogram({
    name: "mim_broadcast_seconds",
    help:
      "Time from a change of the online table until all were written it who take it within 10 s" +
      " (the others: mim_slowest_lag_bytes)",
    buckets: TELL_BUCKETS,
    registers: [this.#registry],
  });

  /** Notes how long it took until everybody was told, in milliseconds. */
  readonly told = (milliseconds: number): void => this.#tell.observe(milliseconds / 1000);

  /**
   * Serves `/metrics` and `/healthz`.
   *
   * @throws as `Deno.listen` where it can't listen there
   */
  serve(server: MimServer, at: HostPort): HttpServer {
    this.#watch(() => server.stats);
    return new HttpServer(at, async (path) => {
      switch (path) {
        case "/metrics":
          return new Response(await this.#registry.metrics(), {
            headers: { "content-type": this.#registry.contentType },
          });
        case "/healthz":
          return new Response("ok\n");
      }
      return new Response("expected /metrics or /healthz\n", { status: 404 });
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
    gauge("mim_connections", "Connections open, logged in or not", () => stats().connections);
    counter("mim_logins_total", "Logins taken", () => stats().logins);
    gauge("mim_mim2_users", "Users online who speak MIM/2", () => stats().mim2Users);
    counter("mim_mim2_logins_total", "Logins taken in MIM/2", () => stats().mim2Logins);
    counter("mim_logouts_total", "Users who went, however", () => stats().logouts);
    counter(
      "mim_updates_total",
      "Changes of the online table that everybody was told of",
      () => stats().updates,
    );
    counter("mim_sent_bytes_total", "Bytes written to clients", () => stats().bytesOut);
    counter(
      "mim_accept_failures_total",
      "Times that no connection could be accepted, for want of file descriptors say",
      () => stats().acceptFailures,
    );
    gauge("mim_update_log_bytes", "Memory held by the update log", () => stats().logBytes);
    gauge(
      "mim_slowest_lag_bytes",
      "How far the slowest client is behind",
      () => stats().slowestLag,
    );
    gauge(
      "process_resident_memory_bytes",
      "Resident memory of the process",
      () => Deno.memoryUsage().rss,
    );
    new Counter({
      name: "mim_probes_total",
      help: "Probes of MIM/2 clients' listeners, by what they found",
      labelNames: ["result"],
      registers,
      collect() {
        this.reset();
        for (const [result, count] of Object.entries(stats().probes)) this.inc({ result }, count);
      },
    });
    new Counter({
      name: "mim_refusals_total",
      help:
        "Connections not taken, closed by the server, or broken off by the client in the middle of" +
        " its login (truncated), by reason",
      labelNames: ["reason"],
      registers,
      collect() {
        this.reset();
        for (const [reason, count] of stats().refusals) this.inc({ reason }, count);
      },
    });
  }
}
