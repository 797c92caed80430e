/**
 * Rooms and their entries, in one SQLite file. Implements the core's `RoomStore` and decides nothing.
 *
 * @module
 */

export { SqliteRoomStore } from "./sqlite_room_store.ts";
