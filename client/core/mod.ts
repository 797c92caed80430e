/**
 * A messenger without a face: state, events and intents. Prints nothing and reads no keys.
 *
 * @module
 */

export type { Chat } from "./chat.ts";
export { ClientError, type ClientErrorCode } from "./errors.ts";
export type { MessengerEvent } from "./events.ts";
export { Messenger, type MessengerOptions } from "./messenger.ts";
export type { OnlineUser } from "./online_list.ts";
