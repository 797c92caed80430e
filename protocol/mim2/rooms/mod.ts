/**
 * Rooms: the entries that members sign and pass on, and the messages in which they travel. Which entries
 * count is decided elsewhere.
 *
 * @module
 */

export { decodeLobbyText, encodeLobbyText, lobbyRoomOf, type LobbyText } from "./lobby.ts";
export {
  decodeRoomBody,
  encodeRoomBody,
  type RoomBody,
  roomBodySalt,
  type RoomPolicy,
} from "./room_body.ts";
export {
  createRoomEntry,
  decodeRoomHeader,
  encodeRoomHeader,
  hashRoomHeader,
  isRoomEntryValid,
  type RoomEntry,
  type RoomHeader,
} from "./room_entry.ts";
export { isMembershipKind, roomKinds } from "./room_kinds.ts";
export {
  decodeRoomMessage,
  encodeRoomMessage,
  type RoomPeerMessage,
  type RoomSummaryRow,
} from "./room_messages.ts";
export { checkRoomName } from "./room_name.ts";
