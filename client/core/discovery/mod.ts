/**
 * Servers on the local network, by multicast DNS, and those that DNS names for it. What is found is a hint
 * of anybody on the network: nothing is dialed or believed here.
 *
 * @module
 */

export { findByDns, type LookUp } from "./find_by_dns.ts";
export { findServers } from "./find_servers.ts";
export type { FoundServer } from "./mdns_search.ts";
