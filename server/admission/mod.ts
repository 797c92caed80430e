/**
 * Which connections the server takes, and the reasons for which it closes one.
 *
 * @module
 */

export {
  ACCESS_ENTRIES,
  type AccessEntries,
  type AccessKind,
  accessKindOf,
  AccessList,
  type AccessRules,
  type AccessSubject,
  foldAccessEntry,
  isAccessEntry,
} from "./access_list.ts";
export { ConnectionLimits } from "./connection_limits.ts";
export { HandshakeQueue } from "./handshake_queue.ts";
export { LoginRules } from "./login_rules.ts";
export {
  movedNotice,
  type Rejection,
  type RejectionCode,
  rejectionNotice,
  shutdownNotice,
} from "./rejection.ts";
export { RejectionSummary } from "./rejection_summary.ts";
export { networkOf } from "./network_of.ts";
export { SourceQueue } from "./source_queue.ts";
