/**
 * Tells the local networks that a server is there. Knows neither users nor sessions.
 *
 * @module
 */

export { type AnnouncedPlace, type Announcement, announceServer } from "./announce_server.ts";
