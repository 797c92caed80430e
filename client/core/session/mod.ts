/**
 * Being online at a server: the connection, the login in either dialect, and coming back after a loss.
 * Fills the table of users; knows no peers and no chats.
 *
 * @module
 */

export { withoutScope } from "./announced_addresses.ts";
export { ConnectionManager } from "./connection_manager.ts";
export { isExclusion } from "./login_errors.ts";
export { plainOwnAddress } from "./own_addresses.ts";
export { Reconnector } from "./reconnector.ts";
export { type OrderResult, type ServerAdmin, serverAdminOf } from "./server_admin.ts";
export { ServerConnection } from "./server_connection.ts";
