/**
 * Rooms: who is a member, what was said, and how members bring each other up to date. Knows no server
 * beyond who is online, and no face.
 *
 * @module
 */

export { inOrder, MemoryRoomStore, spanOfCounts } from "./memory_room_store.ts";
export { NoRooms } from "./no_rooms.ts";
export { RoomManager } from "./room_manager.ts";
