/**
 * What becomes of connections: which are taken, whose login puts them into both tables, and how they leave these.
 *
 * @module
 */

export { Logins } from "./logins.ts";
