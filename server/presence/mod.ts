/**
 * Who is online, and the log of changes from which every client reads. Knows no connections.
 *
 * @module
 */

export { Broadcast } from "./broadcast.ts";
export { type LogReader, type LogReaders, OwnReaders, type SharedReading } from "./log_readers.ts";
export { LogView, type LogWindow } from "./log_view.ts";
export { RecordLog } from "./record_log.ts";
export { type EpochStart, type LogPlace, type PlaceAt, RecordLogView } from "./record_log_view.ts";
export { RecordTable } from "./record_table.ts";
export { type Allocate, allocateOwn, allocateShared, UpdateLog } from "./update_log.ts";
export { OnlineTable } from "./user_table.ts";
