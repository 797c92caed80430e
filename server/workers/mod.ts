/**
 * Threads that serve clients. Each accepts connections at the same port and keeps their sessions; the
 * main thread alone knows who is online, and writes the logs that all of them read in shared memory.
 *
 * @module
 */

export { serveClients } from "./serve_clients.ts";
export { WorkerPool, type WorkerPoolOptions } from "./worker_pool.ts";
