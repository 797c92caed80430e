/**
 * Everything that the window shows, kept up to date from the messenger's events: a snapshot for a new
 * page, and changes for those that are open. It answers no requests.
 *
 * @module
 */

export type { Conversation } from "./conversation.ts";
export { type RoomConversation, versionsOf } from "./room_conversation.ts";
export { Search } from "./search.ts";
export { type ListedUser, sanitizeLines } from "./view_rows.ts";
export { RequestError, worded, wordingOf } from "./wording.ts";
export { WindowState } from "./window_state.ts";
