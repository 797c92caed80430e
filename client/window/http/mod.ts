/**
 * Serves the page to this machine, decides who gets in, and keeps the WebSockets of open pages. It
 * knows requests and updates, but not what they are about.
 *
 * @module
 */

export { AccessGuard, type AccessRefusal } from "./access_guard.ts";
export { PageConnections } from "./page_connections.ts";
export type { WindowFileAccess } from "./file_requests.ts";
export { type AccessAlarm, serveWindow, type WindowServer } from "./server.ts";
