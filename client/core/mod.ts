/**
 * A messenger without a face: state, events and intents. Prints nothing and reads no keys.
 *
 * @module
 */

export type { Chat } from "./chat.ts";
export { diagnose, type Diagnosis, type Facts, firewallHints, type PeerFact } from "./diagnosis.ts";
export { ClientError, type ClientErrorCode } from "./errors.ts";
export type { MessengerEvent } from "./events.ts";
export type { StrangerPolicy } from "./gate.ts";
export type { Caller } from "./held_call.ts";
export { type Ignored, type IgnoredWho, parseIgnored, sameName } from "./ignore_list.ts";
export { LookAlikes, type Named } from "./look_alikes.ts";
export { Messenger, type MessengerOptions } from "./messenger.ts";
export type { OnlineUser, UserDetails } from "./online_list.ts";
export type { Security } from "./security.ts";
export {
  type Incoming,
  MemoryStore,
  type Outgoing,
  type Pin,
  type Store,
  THIS_MACHINE,
} from "./store.ts";
