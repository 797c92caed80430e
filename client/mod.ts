/**
 * The client's half of the library: a messenger without a face, its store and its
 * identity. It exports no wire format and nothing that only MIM's own faces need.
 *
 * @module
 */

export {
  type Caller,
  type CallPolicy,
  type Calls,
  type Chat,
  type Chats,
  ClientError,
  type ClientErrorCode,
  connect,
  type ConnectOptions,
  type Contact,
  diagnose,
  type Diagnostics,
  type ErrorDetails,
  Identity,
  type IgnoreEntry,
  type IgnoreTarget,
  type Incoming,
  MemoryStore,
  type Message,
  Messenger,
  type MessengerEvent,
  type MessengerEventMap,
  MessengerEventTarget,
  type MessengerOptions,
  type OnlineUser,
  type Outgoing,
  type Pin,
  PublicKey,
  type Security,
  type SeenUser,
  type SendOptions,
  type ServerTrust,
  type Store,
  type Trust,
  type UserDetails,
  type Users,
  type WaitOptions,
} from "./core/mod.ts";
export { loadIdentity, openStore } from "./storage/mod.ts";
