/**
 * One connection, from the welcome to the logout. Knows the update log, and no other session.
 *
 * @module
 */

export { Greeting } from "./greeting.ts";
export { RejectedConnections } from "./rejected_connections.ts";
export {
  type ClientCommand,
  Session,
  type SessionCallbacks,
  type SessionEnd,
  type SessionEntry,
} from "./session.ts";
export { clientAt, logEnd } from "./session_log.ts";
