/**
 * Incoming calls: those that wait for the user's answer, and the ignore list. Opens no chat.
 *
 * @module
 */

export { CallScreener } from "./call_screener.ts";
export type { CallPolicy, Calls } from "./calls.ts";
export {
  type IgnorablePeer,
  type IgnoreEntry,
  type IgnoreTarget,
  parseIgnored,
} from "./ignore_list.ts";
export { type CallMessage, PendingCall } from "./pending_call.ts";
