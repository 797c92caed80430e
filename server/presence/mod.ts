/**
 * Who is online, and the log of changes from which every client reads. Knows no connections.
 *
 * @module
 */

export { Broadcast } from "./broadcast.ts";
export { type EpochStart, type LogPlace, RecordLog } from "./record_log.ts";
export { RecordTable } from "./record_table.ts";
export { UpdateLog } from "./update_log.ts";
export { OnlineTable } from "./user_table.ts";
