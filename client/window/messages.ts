/**
 * The messages between the program and its pages, over one WebSocket: requests go up, updates come
 * down, each as one JSON object whose `type` tells them apart. The program sanitizes every string
 * before it sends it, and checks every field of a request. Types only, except for the version; the
 * page's own program is checked against them.
 *
 * @module
 */

export type {
  ChatHead,
  ConversationState,
  Notice,
  RoomFields,
  RoomMemberRow,
} from "./chat_heads.ts";
export type {
  FoundServerRow,
  LockedSettings,
  Me,
  SettingKey,
  UnknownCallers,
  WindowAvailability,
  WindowSettings,
  Wording,
} from "./me.ts";
export type {
  MessageRow,
  NoticeRow,
  ReactionRow,
  ReplyRow,
  SearchHit,
  TransferRow,
  VersionRow,
} from "./message_rows.ts";
export type { Request } from "./requests.ts";
export type { CallerRow, IgnoredRow, PeerSecurity, UserRow } from "./user_rows.ts";
export {
  type InfoLine,
  type RefusedText,
  type RequestResult,
  type Snapshot,
  type StateChange,
  type Update,
  VERSION,
} from "./updates.ts";
