/**
 * Servers on the local network, by multicast DNS. What is found is a hint of anybody on the network:
 * nothing is dialed or believed here.
 *
 * @module
 */

export { findServers, type FoundServer } from "./find_servers.ts";
