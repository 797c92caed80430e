/**
 * The messages between the program and its pages, over one WebSocket: requests go up, updates come
 * down, each as one JSON object whose `type` tells them apart. The program sanitizes every string
 * before it sends it, and checks every field of a request. Types only, except for the version; the
 * page's own program is checked against them.
 *
 * @module
 */

/** Raised with every change that an older page would not understand. */
export const VERSION = 10;

/** A text of the program in English, and a code with values, which pages put into other languages. */
export interface Wording {
  readonly text: string;
  readonly code?: string;
  readonly values?: Readonly<Record<string, string>>;
}

/** The user's own state. */
export interface Me {
  /** The user's name, or a suggestion; not sanitized, because it fills the user's own text field. */
  readonly name: string;
  /** The server as one would type it. */
  readonly server: string;
  readonly state: "offline" | "connecting" | "online" | "reconnecting";
  /** When the next attempt to reach the server begins; absent during one, or if none is planned. */
  readonly nextAttemptAt?: number;
  /** Why the last attempt to reach the server again has failed; absent if none has. */
  readonly reconnectProblem?: Wording;
  /** Since when the list is out of date, in milliseconds since 1970; absent while it is current. */
  readonly staleSince?: number;
  /** How many users the server has, if it tells only of some; the search finds others. */
  readonly total?: number;
  readonly availability: WindowAvailability;
  readonly status: string;
  /** Whether the server passes availability and status on; only a MIM/2 server does. */
  readonly canSetStatus: boolean;
  /** Whether the user is an admin of the server, who may end sessions there and ban people. */
  readonly isAdmin: boolean;
  readonly unknownCallers: UnknownCallers;
  /** Why messages are not stored; absent if they are. */
  readonly noHistoryReason?: Wording;
  /** Why the user has no key, so that nothing is encrypted; absent if there is one. */
  readonly noKeyReason?: string;
  /** Why the last login failed; absent while it has not, or once another has begun. */
  readonly loginProblem?: Wording;
  /** The settings, as the config file has them; absent if nothing can be saved. */
  readonly settings?: WindowSettings;
  /** What is wrong in the config file and left out, in English; absent if nothing is. */
  readonly wrongSettings?: readonly string[];
  /** The settings that the machine's config file sets for everybody; absent if there are none. */
  readonly locked?: LockedSettings;
  /** Whether the server was rejected for its changed key, and waits for the user to trust it. */
  readonly serverKeyChanged: boolean;
  /** Whether the server was rejected because it speaks classic MIM, and waits for the user's word. */
  readonly isServerClassic: boolean;
  /** Servers on the network to choose from; absent if none were found, or one is named. */
  readonly found?: readonly FoundServerRow[];
}

/** Settings that the user can't change. */
export interface LockedSettings {
  /** The machine's config file. */
  readonly file: string;
  /** Their keys in config files. */
  readonly keys: readonly string[];
}

/** A server on the network: a hint, nothing of it is proven. */
export interface FoundServerRow {
  readonly title: string;
  /** The place, as one would type it. */
  readonly address: string;
  /** The address to log in with: a link if it announces a key. */
  readonly server: string;
  /** Whether its key is known. */
  readonly isKnown: boolean;
}

/**
 * The settings by their keys in config files; `strangers` is in {@linkcode Me.unknownCallers}, since it can
 * be changed without a data folder, too.
 */
export interface WindowSettings {
  /** The name from the next start on; empty if none is stored. */
  readonly name: string;
  /** The server from the next start on; empty for the default. */
  readonly server: string;
  /** Whether the user is logged in when the program starts. */
  readonly autologin: boolean;
  /** Whose coming and going the info text mentions: everybody's, nobody's, or that of people with a chat. */
  readonly joins: "on" | "off" | "smart";
  /** Whether messages are stored, or for how many days. */
  readonly history: boolean | number;
  /** Whether a message makes a sound. */
  readonly bell: boolean;
  /** Whether a message shows a notification. */
  readonly notify: boolean;
  /** Which messages in rooms are notified of: those that mention the user, all, or none. */
  readonly rooms: "mentions" | "all" | "off";
  /** Whether peers who do the same are told what the user has seen. */
  readonly seen: boolean;
  /** Whether a note says that the server runs a newer version. */
  readonly updates: boolean;
  /** The address at which peers reach this client from the next start on; empty for every one. */
  readonly listen: string;
  /** Files of known people up to so many megabytes are taken without asking; false for none. */
  readonly autofiles: false | number;
}

/** The key of a setting. */
export type SettingKey = keyof WindowSettings | "strangers";

/** A user's availability. */
export type WindowAvailability = "online" | "away" | "busy";

/** The handling of calls from unknown users. */
export type UnknownCallers = "allow" | "allow-unconfirmed" | "ask" | "refuse";

/** How certain a peer's identity is; `Security` of client/core explains each word. */
export type PeerSecurity =
  | "classic"
  | "unconfirmed"
  | "new"
  | "pinned"
  | "verified"
  | "changed";

/** A row of the user list. */
export interface UserRow {
  readonly id: number;
  readonly name: string;
  /** Address and port as one would dial them; empty for a contact who is not online. */
  readonly address: string;
  readonly own: boolean;
  readonly security: PeerSecurity;
  /** `offline` for a contact who is not online; messages to them are queued. */
  readonly availability: WindowAvailability | "offline";
  readonly status: string;
  /** A contact that this user's name can be mistaken for. */
  readonly confusableWith?: string;
  /** The name under which the user knows this key. */
  readonly knownAs?: string;
  /** Whether somebody without a key has a name that belongs to one. */
  readonly isNotOwner?: true;
  /** Whether `security` goes for everybody new, because the server certifies nobody. */
  readonly isUncertified?: true;
  /** Whether the server could reach this user; absent if it has not tried. */
  readonly reachable?: boolean;
  /** The user's own name for a contact, and note about one; absent if there is none. */
  readonly alias?: string;
  readonly note?: string;
  /** When a contact who is not online was last, in milliseconds since 1970; absent if not known. */
  readonly lastSeen?: number;
  /** How many messages wait for a contact; absent if none do. */
  readonly waiting?: number;
}

/**
 * The state of a conversation. `idle`: nobody is called, and the first line calls; `away`: the peer can't
 * be reached, and messages are queued; `closed`: the peer has closed it, or a call has failed.
 */
export type ConversationState = "idle" | "calling" | "open" | "away" | "closed";

/** Why a conversation is in its state; the page has the words for each code. */
export interface Notice {
  readonly code:
    | "closed"
    | "lost"
    | "distrusted"
    /** The peer has come back: what is written goes on with the chat. */
    | "returned"
    /** `text` says something about the chat. */
    | "note"
    /** `text` says what went wrong. */
    | "failed"
    /** `text` says why the peer may be someone else. */
    | "careful"
    /** The peer had the name `text` before. */
    | "renamed";
  readonly text?: string;
  /** The error, once more, for other languages. */
  readonly wording?: Wording;
}

/** A conversation in the list, and its heading. */
export interface ChatHead {
  readonly id: number;
  readonly name: string;
  readonly address: string;
  readonly direction: "outgoing" | "incoming";
  readonly state: ConversationState;
  readonly notice?: Notice;
  readonly security: PeerSecurity;
  /** The offer to trust another key, or one chat without any, instead of the known key. */
  readonly trustOffer?: "key" | "classic";
  readonly unread: number;
  readonly typing: boolean;
  /** The newest message, shortened; absent if there is none. */
  readonly last?: Pick<MessageRow, "from" | "text" | "at" | "state">;
  /** When the newest message was written, or else the conversation began; orders the list. */
  readonly at: number;
  /** When the peer was online last, in milliseconds since 1970; absent if that is not known. */
  readonly lastSeen?: number;
  /** The text that the user has begun to write. */
  readonly draft: string;
  readonly muted: boolean;
  /** The user's own name for the peer; empty for none. */
  readonly alias: string;
  /** The user's own note about the peer; empty for none. */
  readonly note: string;
  /**
   * Whether edits, deletes and reactions reach the peer: `now` or once it is there; `later`, with a newer
   * version there; or `never`, since the chat is one of classic MIM.
   */
  readonly actions: "now" | "later" | "never";
  /** The newest of the user's messages that the peer has seen; absent if none is known. */
  readonly seenUpTo?: number;
  /** Present if it is a room. */
  readonly room?: RoomFields;
}

/** The fields of a room beside the heading of a conversation. */
export interface RoomFields {
  readonly topic: string;
  /** Whether the user is a member, is invited, or has left or been removed. */
  readonly state: "joined" | "invited" | "left";
  /** The user's role; absent once the user has left. */
  readonly role?: RoomMemberRow["role"];
  /** The members and those who are invited. */
  readonly members: readonly RoomMemberRow[];
  /** The member that has invited the user; absent if nobody has. */
  readonly invitedBy?: string;
  readonly canInvite: boolean;
}

/** A member of a room, or somebody who is invited. */
export interface RoomMemberRow {
  readonly name: string;
  /** The public key in hex. */
  readonly key: string;
  readonly role: "owner" | "admin" | "member" | "guest";
  readonly isOnline: boolean;
  readonly isOwn: boolean;
}

/** Something that happened in a room. Names are empty for the user. */
export interface NoticeRow {
  readonly what:
    | "created"
    | "invited"
    | "joined"
    | "left"
    | "removed"
    | "promoted"
    | "demoted"
    | "changed";
  readonly by: string;
  readonly whom?: string;
  /** The topic from then on. */
  readonly topic?: string;
}

/** A text that a message has, or had. */
export interface VersionRow {
  readonly text: string;
  /** In milliseconds since 1970. */
  readonly at: number;
}

/** A message in a conversation, or a notice in a room. */
export interface MessageRow {
  /** Grows within a conversation. Ids of the history are negative; older messages have lower ones. */
  readonly id: number;
  readonly from: "me" | "them";
  readonly text: string;
  /** In milliseconds since 1970. */
  readonly at: number;
  /** `received` for every message of the peer. */
  readonly state: "sending" | "queued" | "sent" | "delivered" | "failed" | "received";
  /** The peer's address, if it differs from that of the conversation. */
  readonly address?: string;
  /** The request that sent it. */
  readonly requestId?: string;
  /** The number of the files that it offers. */
  readonly file?: number;
  /** The message that it answers. */
  readonly reply?: ReplyRow;
  /** Whether it had another text before, which `versions` asks for. */
  readonly isEdited?: boolean;
  /** Whether its author has deleted it: the text is empty then. */
  readonly isDeleted?: boolean;
  /** The reactions, the oldest emoji first; absent if there are none. */
  readonly reactions?: readonly ReactionRow[];
  /** Its author; only in rooms, and only of others. */
  readonly author?: string;
  /** How many of the members of a room have it; only for the user's own. */
  readonly recipients?: { readonly reached: number; readonly all: number };
  /** Whether it mentions the user; only in rooms. */
  readonly isMention?: boolean;
  /** Something that happened in a room, instead of a text. */
  readonly notice?: NoticeRow;
}

/** Files that are offered, under way or over. */
export interface TransferRow {
  /** Names it, in this run. */
  readonly number: number;
  readonly direction: "incoming" | "outgoing";
  /** The peer's name. */
  readonly name: string;
  /** The only file's path, or the folder that all are in. */
  readonly path: string;
  /** How many files there are. */
  readonly files: number;
  /** How many bytes they have, how many are over, and how many come in a second. */
  readonly size: number;
  readonly bytes: number;
  readonly speed: number;
  readonly state: "preparing" | "offered" | "waiting" | "active" | "paused" | "done" | "failed";
  /** Why it has failed or is paused: a code of `TransferReason`. */
  readonly reason?: string;
  /** The place in the giver's line, from 1. */
  readonly place?: number;
  /** Of one's own in a room: how many members have it, and how many there are. */
  readonly takers?: { readonly n: number; readonly all: number };
  /** A small picture, as a `data:` URL. */
  readonly thumbnail?: string;
  /** The path of an incoming transfer, once it is done. */
  readonly location?: string;
  /** Whether it is a picture: once it has come, `files/NUMBER` is its address. */
  readonly isPicture: boolean;
}

/** A message that another one answers. */
export interface ReplyRow {
  /** Its row, which the page may still have to load; 0 if it is not stored. */
  readonly message: number;
  readonly from: "me" | "them";
  /** Its beginning, on one line; empty if it is not stored or was deleted. */
  readonly text: string;
  /** Its author; only in rooms, and only of others. */
  readonly author?: string;
}

/** The reactions with one emoji. */
export interface ReactionRow {
  readonly emoji: string;
  /** Whether the user has reacted with it. */
  readonly isMine: boolean;
  /** The names of the others who have. */
  readonly others: readonly string[];
}

/** A pending call. */
export interface CallerRow {
  readonly id: number;
  readonly name: string;
  readonly address: string;
  /** How many lines the caller left before hanging up; absent while they wait. */
  readonly leftLines?: number;
  /** Why the caller may be someone else; absent without a doubt. */
  readonly warning?: Wording;
  readonly isClassic: boolean;
  /** The beginning of what the caller has said; empty if nothing was. */
  readonly preview: string;
  /** Until when the caller waits, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** An entry of the ignore list. */
export interface IgnoredRow {
  readonly id: number;
  /** Whom it means; absent for everybody. */
  readonly name?: string;
  /** Where; absent for every address. */
  readonly address?: string;
  readonly rejectedCalls: number;
}

/** A line of the info log. */
export interface InfoLine extends Wording {
  readonly id: number;
  readonly at: number;
  readonly type: "welcome" | "info" | "error";
}

/** A message found by a search. */
export interface SearchHit {
  readonly id: number;
  /** The peer, or the room. */
  readonly name: string;
  /** Its author; only in rooms, and only of others. */
  readonly author?: string;
  readonly from: "me" | "them";
  readonly text: string;
  readonly at: number;
}

/** Everything a page shows; the first update it gets. */
export interface Snapshot {
  readonly type: "snapshot";
  readonly version: number;
  readonly me: Me;
  readonly users: readonly UserRow[];
  /** Without their messages, which a page asks for. */
  readonly chats: readonly ChatHead[];
  readonly callers: readonly CallerRow[];
  readonly ignored: readonly IgnoredRow[];
  readonly info: readonly InfoLine[];
  readonly files: readonly TransferRow[];
  /** The newest `requestId`s that were carried out, so that no page repeats them. */
  readonly completed: readonly string[];
}

/** A change of the snapshot; sent to every page. A row with a known id replaces the earlier one. */
export type StateChange =
  | { readonly type: "me"; readonly me: Me }
  | {
    readonly type: "users";
    readonly changed: readonly UserRow[];
    readonly removed: readonly number[];
  }
  | { readonly type: "chat"; readonly chat: ChatHead }
  /** A peer has called: the chat comes to the front if nothing else is there. */
  | { readonly type: "called"; readonly chat: number }
  /** The user has closed it: pages leave it. */
  | { readonly type: "left"; readonly chat: number }
  | { readonly type: "chat-removed"; readonly chat: number }
  /** All its messages have been deleted. */
  | { readonly type: "emptied"; readonly chat: number }
  | {
    readonly type: "message";
    readonly chat: number;
    readonly message: MessageRow;
    /** The conversation's unread messages; absent if their number has not changed. */
    readonly unread?: number;
  }
  /** Messages of a room stand in another order: pages that show it open it anew. */
  | { readonly type: "reordered"; readonly chat: number }
  /** A message has changed: pages that have its row replace it. */
  | { readonly type: "message-changed"; readonly chat: number; readonly message: MessageRow }
  | { readonly type: "callers"; readonly callers: readonly CallerRow[] }
  | { readonly type: "ignored"; readonly ignored: readonly IgnoredRow[] }
  | { readonly type: "file"; readonly file: TransferRow }
  | { readonly type: "info"; readonly line: InfoLine };

/** The answer to a request; sent only to the page that made it. */
export type RequestResult =
  /** Goes to a conversation and to a message in it, which the page may still have to load. */
  | { readonly type: "show"; readonly chat: number; readonly message?: number }
  /** The newest messages of a conversation that was opened. */
  | {
    readonly type: "messages";
    readonly chat: number;
    readonly messages: readonly MessageRow[];
    readonly isComplete: boolean;
  }
  | {
    readonly type: "older";
    readonly chat: number;
    /** Oldest first. */
    readonly messages: readonly MessageRow[];
    readonly isComplete: boolean;
  }
  /** The texts that a message has had, the oldest first; the last one holds unless it was deleted. */
  | {
    readonly type: "versions";
    readonly chat: number;
    readonly message: number;
    readonly versions: readonly VersionRow[];
  }
  /** Oldest first. */
  | {
    readonly type: "found";
    readonly words: string;
    /** The conversation or room that was searched; 0 for all. */
    readonly chat: number;
    /** The hit before which they are; 0 if they are the newest. */
    readonly before: number;
    readonly hits: readonly SearchHit[];
    /** Whether there are older ones. */
    readonly hasMore: boolean;
  }
  | {
    readonly type: "safety-number";
    readonly chat: number;
    readonly number: string;
    /** The number as a QR code: rows of `1` (dark) and `0`, its border included. */
    readonly qr: readonly string[];
    /** The public key it stands for in hex; absent if none is known. */
    readonly key?: string;
  }
  /** The link that others join the server with, and its QR code; empty at a classic server. */
  | { readonly type: "server-link"; readonly link: string; readonly qr: readonly string[] }
  /** The server has done what an admin asked for, and how many sessions that ended. */
  | {
    readonly type: "ordered";
    readonly action: "kick" | "ban" | "unban";
    readonly name: string;
    readonly count: number;
    /** The ban's number, for `undo-ban`. */
    readonly ban?: number;
  }
  /** The user's own key, encrypted with a passphrase. */
  | { readonly type: "key-backup"; readonly text: string }
  | { readonly type: "problem" } & Wording;

/** A message to a page. `seq` numbers snapshots and changes, so that none is shown twice. */
export type Update = (Snapshot | StateChange) & { readonly seq: number } | RequestResult;

/** A message from a page. */
export type Request =
  | { readonly type: "hello"; readonly version: number }
  | { readonly type: "login"; readonly name: string; readonly server: string }
  | { readonly type: "logout" | "trust-server" | "allow-classic" | "list-ignored" }
  | { readonly type: "server-link" }
  /** `write-to` opens the conversation and calls nobody. */
  | { readonly type: "call" | "write-to"; readonly user: number }
  /** For admins: ends a user's sessions, keeps somebody out of the server, or lets them in again. */
  | { readonly type: "kick" | "ban" | "unban"; readonly user: number }
  /** Lifts a ban of this run by its number. */
  | { readonly type: "undo-ban"; readonly ban: number }
  | {
    readonly type:
      | "open"
      | "call-again"
      | "close"
      | "safety-number"
      | "verify"
      | "unverify"
      | "trust"
      | "forget";
    readonly chat: number;
  }
  /** The messages up to this one are read. */
  | { readonly type: "mark-read"; readonly chat: number; readonly message: number }
  | { readonly type: "set-draft"; readonly chat: number; readonly text: string }
  | {
    readonly type: "set-chat";
    readonly chat: number;
    readonly muted: boolean;
    readonly alias: string;
    readonly note: string;
  }
  | {
    readonly type: "send";
    readonly chat: number;
    readonly text: string;
    readonly requestId: string;
    /** The row of the message that it answers; 0 for none. */
    readonly reply: number;
  }
  | {
    readonly type: "edit";
    readonly chat: number;
    readonly message: number;
    readonly text: string;
  }
  | { readonly type: "delete" | "versions"; readonly chat: number; readonly message: number }
  | {
    readonly type: "react" | "unreact";
    readonly chat: number;
    readonly message: number;
    readonly emoji: string;
  }
  | {
    readonly type: "load-older";
    readonly chat: number;
    readonly before: number;
    readonly count: number;
  }
  /** Makes a room; the name of the lobby joins that. */
  | { readonly type: "create-room"; readonly name: string }
  | { readonly type: "join-room" | "leave-room"; readonly chat: number }
  | { readonly type: "invite"; readonly chat: number; readonly user: number }
  | { readonly type: "remove-member"; readonly chat: number; readonly key: string }
  | {
    readonly type: "set-admin";
    readonly chat: number;
    readonly key: string;
    readonly on: boolean;
  }
  | { readonly type: "set-topic"; readonly chat: number; readonly text: string }
  | { readonly type: "cancel"; readonly chat: number; readonly message: number }
  /** Takes or declines files, stops or goes on; `PUT files/CHAT` sends one. */
  | {
    readonly type: "take-file" | "pause-file" | "resume-file" | "cancel-file";
    readonly file: number;
  }
  | { readonly type: "set-typing"; readonly chat: number; readonly typing: boolean }
  | {
    readonly type: "search";
    /** Words; `from:NAME` and `from:me` say whose messages count. */
    readonly words: string;
    /** Only in this conversation; 0 for all. */
    readonly chat: number;
    /** Only before this hit; 0 for the newest. */
    readonly before: number;
  }
  | { readonly type: "show-hit"; readonly hit: number }
  | { readonly type: "accept" | "reject"; readonly caller: number }
  | { readonly type: "ignore"; readonly target: "user" | "chat" | "caller"; readonly id: number }
  | { readonly type: "unignore"; readonly id: number }
  | { readonly type: "set-setting"; readonly key: SettingKey; readonly value: string }
  | { readonly type: "export-key"; readonly passphrase: string }
  | {
    readonly type: "set-status";
    readonly availability: WindowAvailability;
    readonly text: string;
  };
