/**
 * Metrics for Prometheus, and where they are served. Reads the server's statistics and changes nothing.
 *
 * @module
 */

export { Metrics } from "./metrics.ts";
export type { MetricsServer } from "./metrics_server.ts";
