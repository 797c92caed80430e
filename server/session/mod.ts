/**
 * One connection, from the welcome to the logout. Knows the update log, and no other session.
 *
 * @module
 */

export type { ClientSession, SessionEnd, SessionEntry, UserSession } from "./client_session.ts";
export { Greeting, type LinkKeys } from "./greeting.ts";
export type { OwnMessage } from "./own_queue.ts";
export { RejectedConnections } from "./rejected_connections.ts";
export { Session, type SessionCallbacks } from "./session.ts";
export { clientAt, SessionLog } from "./session_log.ts";
export { describeStall, describeTimeout } from "./timeouts.ts";
