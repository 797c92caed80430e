/**
 * Servers on the local network, by multicast DNS, and those that DNS names for it. Anybody on the
 * network can answer: nothing is dialed or believed here.
 *
 * @module
 */

export { findByDns, type LookUp } from "./find_by_dns.ts";
export { findServers, loadServerSearch } from "./find_servers.ts";
export type { FoundServer } from "./mdns_search.ts";
