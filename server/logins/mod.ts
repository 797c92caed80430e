/**
 * The way of connections: which are taken, how a login puts them into both tables, and how they leave these.
 *
 * @module
 */

export { Logins } from "./logins.ts";
