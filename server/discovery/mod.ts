/**
 * Tells the local networks that a server is there. Knows neither users nor sessions.
 *
 * @module
 */

export { Announcer } from "./announcer.ts";
