/**
 * The central server: knows who is online and tells everybody. Knows the wire through protocol/ and
 * nothing of clients.
 *
 * @module
 */

export * from "./network.ts";
export { DataFolderError } from "./identity.ts";
export type { InterfaceAddress } from "./join_command.ts";
export type { Refusal, RefusalCode } from "./refusal.ts";
export { MimServer } from "./server.ts";
export type { ServerOptions } from "./server_options.ts";
export type { ServerStats } from "./stats.ts";
