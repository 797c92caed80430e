/**
 * What MIM/2 adds to the server: keys and names, status, reachability, pings and callbacks.
 *
 * @module
 */

export { AdminOrders } from "./admin_orders.ts";
export { Mim2Service, type Probes } from "./service.ts";
