/**
 * What operators and admins do with those who are online: list them, end their sessions, change who may log in.
 * Knows no connection and no protocol beyond the orders of admins.
 *
 * @module
 */

export { AdminOrders, type Order } from "./admin_orders.ts";
export { OnlineUsers } from "./online_users.ts";
