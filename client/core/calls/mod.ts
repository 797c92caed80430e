/**
 * Who may call: the calls that wait for the user's answer, and who is ignored. Opens no chat.
 *
 * @module
 */

export { type CallPolicy, CallScreener } from "./call_screener.ts";
export { ignoredKey, type IgnoreEntry, type IgnoreTarget, parseIgnored } from "./ignore_list.ts";
export { type CallMessage, PendingCall } from "./pending_call.ts";
