/**
 * The parts that every user interface of the client shares: the current chat, the meaning of names, the
 * history, and how the client starts and ends. Knows no terminal and no browser.
 *
 * @module
 */

export { describeRoomEvent, isRoomEvent, type RoomEvent } from "./describe_room_event.ts";
export {
  describeFailedAction,
  describeMissing,
  describeQueued,
  describeWaiting,
} from "./action_messages.ts";
export { ActiveChat } from "./active_chat.ts";
export { AutoAway } from "./auto_away.ts";
export { describeCall, describeDoubt } from "./call_messages.ts";
export { chatWarning, UNCERTIFIED_NOTE } from "./chat_warning.ts";
export { whyNotReachableAt } from "./why_not_reachable_at.ts";
export { Context } from "./context.ts";
export { describeActive, describeTransfer } from "./describe_transfer.ts";
export { completePath, splitPaths, userPath } from "./user_path.ts";
export { diagnoseHere, doctor } from "./doctor.ts";
export {
  type ClientEvent,
  type Emit,
  isShown,
  type NoteWords,
  type PastEvent,
  type Quote,
  toClientEvent,
} from "./events.ts";
export { EXIT, exitCodeOf } from "./exit_codes.ts";
export {
  DEFAULT_SERVER,
  isDefaultServer,
  type LoginOptions,
  parseServers,
  serverAddresses,
  userName,
} from "./login_options.ts";
export {
  describeReach,
  keyTarget,
  kickTargetOf,
  type OrderTarget,
  orderTargetOf,
} from "./order_target.ts";
export { acceptKey } from "./accept_key.ts";
export { MessageArchive } from "./message_archive.ts";
export { keyOfMark, markOf } from "./message_marks.ts";
export { isKnownOnline, nameOwners } from "./name_owners.ts";
export { MAX_NUMBERED, type NumberedMessage, NumberedMessages } from "./numbered_messages.ts";
export { pastInRoom, quoteInRoom } from "./past_event.ts";
export {
  findGuest,
  findMember,
  findRoom,
  isRoomQuery,
  joinedRooms,
  mentions,
  splitRoom,
} from "./room_query.ts";
export { FaceGuard } from "./face_guard.ts";
export { type RunningClient, startClient, type StartupOptions } from "./startup.ts";
export {
  chosenOffer,
  describeOffer,
  findServersByKey,
  isAnswering,
  type OfferedServer,
  offerLink,
  offerTag,
  searchServers,
} from "./server_search.ts";
export { isUnproven, joinFound } from "./join_found.ts";
export { type KnownPerson, People, type PersonFacts } from "./people.ts";
export { rememberMove } from "./remember_move.ts";
export type { RunningProgram } from "./running_program.ts";
export { partialNotice, partialSearchNotice } from "./partial_notice.ts";
export { showsPresence } from "./shows_presence.ts";
export { staleNotice } from "./stale_notice.ts";
export { formatDate, formatTime } from "./time.ts";
export { type UserBadges, userBadges } from "./user_badges.ts";
export { capitalize, describeError } from "./describe_error.ts";
export {
  assertConfirmed,
  assertNotSelf,
  describeCandidate,
  formatQuery,
  ignoreTargetOf,
  isNameable,
  isNotOwner,
  isNumber,
  isOffline,
  isOwner,
  isReachable,
  isWith,
  keyOf,
  matchFolded,
  namesIn,
  parseLeadingQuery,
  parseQuery,
  resolveOne,
  typingHint,
  type UserCandidate,
  type UserQuery,
} from "./user_query.ts";
