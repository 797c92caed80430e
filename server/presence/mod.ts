/**
 * Who is online, and the log of changes from which every client reads. Knows no connections.
 *
 * @module
 */

export { Broadcast } from "./broadcast.ts";
export { UpdateLog } from "./update_log.ts";
export { OnlineTable } from "./user_table.ts";
