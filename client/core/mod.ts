/**
 * A messenger without a face: state, events and intents. Prints nothing and reads no keys.
 *
 * @module
 */

export {
  diagnose,
  type Diagnostics,
  type DiagnosticsProblem,
  MAX_CLOCK_SKEW_MS,
  type PeerDiagnostics,
} from "./diagnostics/mod.ts";
export type {
  ClaimMismatch,
  ClientErrorCode,
  DisconnectCause,
  ErrorDetails,
  InvalidState,
  KeyMismatch,
  LoginFailure,
  NotOnline,
  SendFailure,
  StoredThing,
} from "./error_details.ts";
export { findByDns, findServers, type FoundServer, loadServerSearch } from "./discovery/mod.ts";
export { ClientError } from "./errors.ts";
export { connect, type ConnectOptions } from "./connect.ts";
export { isExclusion, type OrderResult, type ServerAdmin } from "./session/mod.ts";
export type { Users } from "./presence/mod.ts";
export type {
  ActionEvent,
  MessengerEvent,
  MessengerEventMap,
  SeenUser,
  WaitOptions,
} from "./events.ts";
export {
  type CallPolicy,
  type Calls,
  type IgnorablePeer,
  type IgnoreEntry,
  type IgnoreTarget,
  parseIgnored,
} from "./calls/mod.ts";
export {
  type ActionChange,
  ActionMemory,
  type ActionStamp,
  type Applied,
  type AppliedChange,
  applyToMessage,
  isAllowed,
  isByAuthor,
  type MessageAction,
  type MessageRef,
  type MessageState,
  type MessageVersion,
  type Reaction,
} from "./actions/mod.ts";
export {
  ConfusableContacts,
  type Contact,
  type Named,
  type ServerTrust,
  type Trust,
} from "./trust/mod.ts";
export { clientLimits } from "./limits.ts";
export { Messenger } from "./messenger.ts";
export type { MessengerOptions } from "./messenger_options.ts";
export { MessengerEventTarget } from "./messenger_event_target.ts";
export { Identity } from "./identity.ts";
export { checkKeyLength, PublicKey } from "./public_key.ts";
export type { Security } from "./security.ts";
export {
  type Incoming,
  MemoryStore,
  type Outgoing,
  type OutgoingAction,
  type Pin,
  type Store,
  type StoredAction,
  THIS_MACHINE,
} from "./store.ts";
export type {
  Room,
  RoomItem,
  RoomMember,
  RoomMessage,
  RoomNotice,
  RoomPerson,
  RoomReaction,
  RoomRecipient,
  Rooms,
} from "./room.ts";
export { inOrder, spanOfCounts } from "./rooms/mod.ts";
export type {
  ArrivedEntry,
  NewRoomEntry,
  RoomPlace,
  RoomStore,
  RoomText,
  StoredRoom,
  StoredRoomEntry,
  TalkSpan,
  TalkWant,
} from "./room_store.ts";
export type {
  FileStorage,
  OpenSource,
  PartFile,
  SourceFile,
  TargetFolder,
  TransferRecord,
} from "./file_storage.ts";
export { DiskFullError, PartBusyError } from "./file_storage.ts";
export { formatSize } from "./format_size.ts";
export { placeOf } from "./place_of.ts";
export { MemoryFiles } from "./memory_files.ts";
export type {
  FileInput,
  Files,
  SendFileOptions,
  TakeOptions,
  Transfer,
  TransferReason,
  TransferRoom,
  TransferState,
  TransferTaker,
} from "./transfer.ts";
export type { Chat, Chats, Message, SendOptions } from "./chat.ts";
export { randomMessageId } from "./message.ts";
export type { CallDoubt, Caller } from "./caller.ts";
export type { OnlineUser, UserDetails } from "./online_user.ts";
