/**
 * The client's half of the library: a messenger without a face, its store, and the file that keeps its
 * identity. It exports no wire format and nothing that only MIM's own faces need.
 *
 * @module
 */

export {
  type CallDoubt,
  type Caller,
  type CallPolicy,
  type Chat,
  type ClaimMismatch,
  ClientError,
  type ClientErrorCode,
  connect,
  type ConnectOptions,
  diagnose,
  type Diagnostics,
  type DiagnosticsProblem,
  type DisconnectCause,
  type ErrorDetails,
  type IgnoreEntry,
  type IgnoreTarget,
  type Incoming,
  type InvalidState,
  type KeyMismatch,
  type LoginFailure,
  MemoryStore,
  type Message,
  type MessageState,
  Messenger,
  type MessengerEvent,
  type MessengerEventMap,
  MessengerEventTarget,
  type MessengerOptions,
  type NotOnline,
  type OnlineUser,
  type Outgoing,
  type PeerDiagnostics,
  type Pin,
  type Security,
  type SendFailure,
  type SendOptions,
  type Store,
  type StoredThing,
  type UserDetails,
  type Users,
  type WaitOptions,
} from "./core/mod.ts";
export { IdentityFile } from "./storage/mod.ts";
