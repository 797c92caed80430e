import process from "node:process";
import { Counter, Gauge, type Registry } from "prom-client";

/** When this program was loaded, in seconds since 1970. */
const START_SECONDS = Math.round(performance.timeOrigin) / 1000;
const MICROSECONDS = 1e6;

/** What every program of Prometheus says of itself. File descriptors are known on Linux alone. */
export function watchProcess(registry: Registry): void {
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number | undefined) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const now = value();
        if (now !== undefined) this.set(now);
      },
    });
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
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time of the process, user and system",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / MICROSECONDS);
    },
  });
}

function openDescriptors(): number | undefined {
  try {
    return [...Deno.readDirSync("/proc/self/fd")].length;
  } catch {
    return undefined; // another system, or no permission
  }
}
