/**
 * The central server: knows who is online, and tells everyone. It knows the wire through protocol/, and
 * nothing of clients.
 *
 * @module
 */

export { listenAt } from "./platform/net/listen.ts";
export * from "./platform/net/network.ts";
export { DataDirError } from "./identity/mod.ts";
export { joinAddress, joinHint, joinLink, type JoinPlace } from "./join_hint.ts";
export type { InterfaceAddress } from "./platform/net/interfaces.ts";
export { type AnnouncedPlace, type Announcement, announceServer } from "./discovery/mod.ts";
export type {
  AccessEntries,
  AccessKind,
  AccessRules,
  Rejection,
  RejectionCode,
} from "./admission/mod.ts";
export { MimServer } from "./server.ts";
export type { BanResult, ClusterOptions, ServerOptions } from "./options.ts";
export type { ClusterStats, LoggedInUser, ServerStats } from "./stats.ts";
export { serveClients } from "./workers/mod.ts";
