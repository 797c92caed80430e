import process from "node:process";
import type { Registry } from "prom-client";
import { CollectedMetrics } from "./collected_metrics.ts";

/** When this program was loaded, in seconds since 1970. */
const START_SECONDS = Math.round(performance.timeOrigin) / 1000;
const MICROSECONDS = 1e6;

/** The metrics that every Prometheus client has. File descriptors are known on Linux only. */
export function watchProcess(registry: Registry): void {
  const { gauge, counter } = new CollectedMetrics(registry);
  gauge(
    "process_resident_memory_bytes",
    "Resident memory of the process",
    () => Deno.memoryUsage().rss,
  );
  gauge("process_start_time_seconds", "Start of the process", () => START_SECONDS);
  const descriptors = openDescriptors();
  if (descriptors !== undefined) {
    gauge("process_open_fds", "Open file descriptors", openDescriptors);
  }
  counter("process_cpu_seconds_total", "Processor time of the process, user and system", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / MICROSECONDS;
  });
}

function openDescriptors(): number | undefined {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch {
    return undefined; // another system, or no permission
  }
}
