/**
 * The users who are online at the server: the one table of the client, filled from the updates of a session. Knows
 * no connection and decides nothing about trust.
 *
 * @module
 */

export { memoryOf, type OwnEntry, unitsOf } from "./table_rows.ts";
export type { Directory } from "./directory.ts";
export { type TableUpdate, UserTable } from "./user_table.ts";
export type { Users } from "./users.ts";
export { watchedItem } from "./watch_list.ts";
