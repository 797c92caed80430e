import type { HostPort } from "../../protocol/mod.ts";
import type { ActionChange } from "./actions/mod.ts";
import type { Chat, Message } from "./chat.ts";
import type { Caller } from "./caller.ts";
import type { ErrorDetails } from "./error_details.ts";
import type { ClientError } from "./errors.ts";
import type { OnlineUser } from "./online_user.ts";
import type { Room, RoomMessage, RoomNotice, RoomPerson } from "./room.ts";
import type { Security } from "./security.ts";
import type { Transfer } from "./transfer.ts";

/**
 * The events of a {@linkcode Messenger}. Strings of others (names, texts, lines of the welcome) are as
 * they came: pass them through {@linkcode sanitizeText} before printing.
 *
 * | `type` | when |
 * |---|---|
 * | `connected` | the server answered |
 * | `welcome` | each line of its welcome, once a MIM/2 server has proven its key |
 * | `server-key-rotated` | the server has another key, which the one before has signed; it is pinned now |
 * | `server-moved` | the server was found at another place, and has proven its key there |
 * | `listening` | the client's own simple server is up |
 * | `logged-in` | the own entry has come back in the table |
 * | `online`, `offline` | an Add, a Delete |
 * | `unlisted` | a user left the table and may be online: nobody has asked for that user for long at a server that tells only of those who are watched |
 * | `presence` | the availability, status, reachability or addresses of a user have changed |
 * | `key-rotated` | a contact has a new key, which the old one has signed: it is pinned, and not verified; or a contact (by `me`) knows the user's new key now |
 * | `key-verified` | a user has compared safety numbers with a contact (by `me`), or a contact says that of the user (`them`), which proves nothing |
 * | `chat-opened` | one side called the other |
 * | `message` | a message came from the peer |
 * | `sent` | all of a message is written to the peer |
 * | `queued` | a message waits in the outbox: its recipient can't be reached now |
 * | `delivered` | the peer has stored all of a message |
 * | `failed` | a message that was sent or queued was given up |
 * | `edited`, `deleted`, `reacted` | an earlier message has another text or none, a reaction was added or taken back, by either side |
 * | `seen` | the peer has seen the messages to it up to this one |
 * | `typing` | the peer has started or stopped typing |
 * | `chat-closed` | the chat is inactive from here; `lost`: the connection broke |
 * | `incoming-call` | an unknown caller waits: {@linkcode Caller.accept} or {@linkcode Caller.reject} answers |
 * | `incoming-call` with `waiting` | that caller has hung up, but so many messages still wait for an answer |
 * | `call-ended` | a call waits no more: the caller has hung up without a message, it took too long, or others came |
 * | `calls-rejected` | calls of unknown callers were rejected, `count` of them since the last such event; the last one by `name` |
 * | `room-invited` | the user is invited to a room: `join` accepts, `leave` declines |
 * | `room-joined`, `room-left` | somebody, or the user, has become a member, or is one no more |
 * | `room-changed` | a room has another name, topic, policy or guest; or what was shown of it has changed |
 * | `room-message`, `room-sent` | a member, or the user, has written a message in a room |
 * | `room-delivered` | a member has a message of the user's |
 * | `room-action` | a message in a room was edited, deleted or reacted to, if its author may do that |
 * | `file-offered` | the peer, or a member of a room, offers files: {@linkcode Transfer.accept} takes them |
 * | `file-progress` | bytes were sent or came, at most twice a second for each transfer |
 * | `file-state` | a transfer is in another state |
 * | `file-received`, `file-sent` | all files of a transfer are there, and checked; in a room, with one member |
 * | `file-failed` | a transfer will not go on |
 * | `logged-out` | by {@linkcode Messenger.logout} |
 * | `disconnected` | the server closed, or the connection was lost; open chats go on, and it may reconnect |
 * | `error` | something went wrong that no call reports |
 */
export type MessengerEvent =
  | { readonly type: "connected"; readonly address: string; readonly port: number }
  | { readonly type: "welcome"; readonly text: string }
  | {
    readonly type: "server-key-rotated";
    readonly server: HostPort;
    readonly oldKey: Uint8Array;
    readonly newKey: Uint8Array;
  }
  | {
    readonly type: "server-moved";
    readonly server: HostPort;
    /** Its address before. */
    readonly from: HostPort;
  }
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "logged-in"; readonly name: string }
  | {
    readonly type: "online";
    /** Whether the user may have been online before: the client has asked for that user just now. */
    readonly isFound?: true;
  } & SeenUser
  | { readonly type: "offline"; readonly user: OnlineUser }
  | { readonly type: "unlisted"; readonly user: OnlineUser }
  | { readonly type: "presence" } & SeenUser
  | {
    readonly type: "key-rotated";
    /** The contact's name. */
    readonly name: string;
    /** The side that has the new key. */
    readonly by: "me" | "them";
    /** The open chat with that contact, if there is one. */
    readonly chat?: Chat;
  }
  | { readonly type: "key-verified"; readonly by: "me" | "them"; readonly chat: Chat }
  | { readonly type: "chat-opened"; readonly chat: Chat }
  | {
    readonly type: "message";
    readonly chat: Chat;
    readonly message: Message;
  }
  | { readonly type: "sent"; readonly chat: Chat; readonly message: Message }
  | { readonly type: "queued"; readonly message: Message }
  | { readonly type: "delivered"; readonly message: Message }
  | { readonly type: "failed"; readonly message: Message; readonly reason: string }
  | ActionEvent
  | {
    readonly type: "seen";
    readonly chat: Chat;
    /** The id of the message. */
    readonly id: string;
  }
  | { readonly type: "typing"; readonly chat: Chat; readonly typing: boolean }
  | { readonly type: "chat-closed"; readonly chat: Chat; readonly by: "me" | "them" | "lost" }
  | { readonly type: "incoming-call"; readonly caller: Caller; readonly waiting?: number }
  | {
    readonly type: "call-ended";
    readonly caller: Caller;
    readonly reason: "hung-up" | "timeout" | "evicted";
  }
  | {
    readonly type: "calls-rejected";
    readonly name: string;
    readonly address: string;
    readonly count: number;
    /** Whether the last one was refused only since too many new callers come from its network. */
    readonly isCrowd?: boolean;
  }
  | { readonly type: "room-invited"; readonly room: Room; readonly by: RoomPerson }
  | { readonly type: "room-joined"; readonly room: Room; readonly member: RoomPerson }
  | {
    readonly type: "room-left";
    readonly room: Room;
    readonly member: RoomPerson;
    /** The member, or who has removed it. */
    readonly by: RoomPerson;
  }
  | {
    readonly type: "room-changed";
    readonly room: Room;
    /** `history`: the order of what was shown, or what counts of it, may be another. */
    readonly what: "room" | "history";
    /** The member's action behind this, if there is one: `changed`, `promoted` or `demoted`. */
    readonly notice?: RoomNotice | undefined;
  }
  | { readonly type: "room-message"; readonly room: Room; readonly message: RoomMessage }
  | { readonly type: "room-sent"; readonly room: Room; readonly message: RoomMessage }
  | {
    readonly type: "room-delivered";
    readonly room: Room;
    readonly message: RoomMessage;
    /** The member that has it now. */
    readonly member: RoomPerson;
  }
  | {
    readonly type: "room-action";
    readonly room: Room;
    /** The type of the action. */
    readonly action: "edit" | "delete" | "react" | "unreact";
    readonly by: RoomPerson;
    /** The message, as it is now. */
    readonly message: RoomMessage;
    /** The new text, or the emoji; empty for a delete. As it came. */
    readonly text: string;
  }
  | { readonly type: "file-offered"; readonly transfer: Transfer }
  | { readonly type: "file-progress"; readonly transfer: Transfer }
  | { readonly type: "file-state"; readonly transfer: Transfer }
  | { readonly type: "file-received"; readonly transfer: Transfer }
  | {
    readonly type: "file-sent";
    readonly transfer: Transfer;
    /** The member that has them, if they are offered in a room: there is an event for each. */
    readonly member?: RoomPerson | undefined;
  }
  | {
    readonly type: "file-failed";
    readonly transfer: Transfer;
    readonly error: ClientError<"transfer-failed">;
  }
  | { readonly type: "logged-out" }
  | {
    readonly type: "disconnected";
    /** Why, in a few words. */
    readonly reason: string;
    readonly end: ErrorDetails["server-refused"]["end"];
  }
  | { readonly type: "error"; readonly error: ClientError };

/** A user who has come, or has changed. */
export interface SeenUser {
  /** The row of the table. */
  readonly user: OnlineUser;
  /** How sure it is who that is, worked out when it is read; undefined for the own entry. */
  readonly security?: Security | undefined;
}

/** An earlier message has changed: `edited`, `deleted` or `reacted`. */
export type ActionEvent = ActionChange & {
  readonly chat: Chat;
  /** The name of the person who has done it, as it came. */
  readonly who: string;
};

/**
 * The events of a {@linkcode Messenger} by their type, as its listeners get them: the fields of
 * {@linkcode MessengerEvent} stand on the event itself.
 */
export type MessengerEventMap = {
  readonly [Type in MessengerEvent["type"]]:
    & Event
    & Extract<MessengerEvent, { readonly type: Type }>;
};

/** How something is waited for. */
export interface WaitOptions {
  /** How long at most, in milliseconds; without it, as long as it takes. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}
