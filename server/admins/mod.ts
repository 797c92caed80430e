/**
 * The means of operators and admins: to list who is online, to end sessions, to change who may log in.
 * Knows no connection and no protocol beyond the orders of admins.
 *
 * @module
 */

export { AdminOrders, type Order } from "./admin_orders.ts";
export { Bans } from "./bans.ts";
export { isLaterBan, type SharedBan, SharedBans } from "./shared_bans.ts";
export { OnlineUsers } from "./online_users.ts";
