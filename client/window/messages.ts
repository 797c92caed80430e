/**
 * What the window's core and its pages say to each other, over one WebSocket: events down, intents
 * up. Each is one JSON object; `t` says which. What comes down is made safe to show before it is sent;
 * what comes up is checked field by field, in decode_up.ts. Types alone, but for the version: pages
 * are checked against them.
 *
 * @module
 */

/** Grows with every change that an older page would not understand. */
export const VERSION = 3;

/** How the user is online, or not. */
export interface Me {
  /** The own name, or what to suggest for it; as it is, for the own text field. */
  readonly name: string;
  /** The server as one would type it. */
  readonly server: string;
  readonly state: "offline" | "connecting" | "online" | "reconnecting";
  /** Since when the list is not kept up to date, in milliseconds since 1970. */
  readonly staleSince?: number;
  readonly availability: WindowAvailability;
  /** What the user says of it. */
  readonly status: string;
  /** Whether availability and status can be told: only a MIM/2 server passes them on. */
  readonly canTell: boolean;
  /** What calls from strangers lead to. */
  readonly strangers: Strangers;
  /** Why nothing of what is said is kept; undefined where it is. */
  readonly notKept?: string;
  /** Why nothing is encrypted; undefined where the user has a key. */
  readonly noKey?: string;
  /** Whether the server was refused, having another key than before, until the user trusts it. */
  readonly serverChanged: boolean;
}

/** How certain a peer's identity is; `Security` of client/core says what each word means. */
export type PeerSecurity = "classic" | "new" | "pinned" | "verified" | "changed";

/** Whether somebody is there. */
export type WindowAvailability = "online" | "away" | "busy";

/** What calls from strangers lead to. */
export type Strangers = "allow" | "ask" | "refuse";

/** A row of the online list. */
export interface UserRow {
  readonly id: number;
  readonly name: string;
  /** Address and port as one would dial them. */
  readonly address: string;
  readonly own: boolean;
  readonly security: PeerSecurity;
  /** `offline` for somebody known who is not there: what is written waits. */
  readonly availability: WindowAvailability | "offline";
  readonly status: string;
  /** Somebody else, whom the user knows, and for whom this one may be taken. */
  readonly like?: string;
  /** Whether the server could reach it; undefined where that is not known. */
  readonly reachable?: boolean;
}

/** What a dialog says of its chat. */
export interface ChatHead {
  readonly id: number;
  readonly name: string;
  readonly address: string;
  readonly by: "me" | "them";
  /** `away`: nobody answers now, but what is said waits for them. */
  readonly state: "calling" | "open" | "away" | "closed";
  /** Why it is as it is, in words; while it is open, what the user is warned of, if anything. */
  readonly why: string;
  readonly security: PeerSecurity;
  /** What the user may trust in place of the key that is known: another, or none, for one chat. */
  readonly mayTrust?: "key" | "classic";
  readonly unread: number;
  readonly typing: boolean;
}

/** A message in a chat. */
export interface MessageRow {
  /** Grows within a chat; those from the history are negative, and fall towards older ones. */
  readonly id: number;
  readonly from: "me" | "them";
  readonly text: string;
  /** In milliseconds since 1970. */
  readonly at: number;
  /** What has become of an own message. */
  readonly state: "sending" | "queued" | "sent" | "delivered" | "failed" | "received";
  /** The peer's address, where it differs from that of the chat. */
  readonly address?: string;
  /** By what the page that sent it knows it. */
  readonly requestId?: string;
}

/** A chat with the last of its messages. */
export interface ChatState extends ChatHead {
  readonly messages: readonly MessageRow[];
  /** Whether there are none before these. */
  readonly whole: boolean;
}

/** Somebody who calls and waits for an answer. */
export interface CallerRow {
  readonly id: number;
  readonly name: string;
  readonly address: string;
  /** How many lines a caller who has hung up has left. */
  readonly left?: number;
  /** Why it may be somebody else, in words; undefined where nothing speaks for it. */
  readonly why?: string;
  /** Whether it calls in classic MIM. */
  readonly classic: boolean;
}

/** Somebody who is ignored. */
export interface IgnoredRow {
  readonly id: number;
  /** Who, in words. */
  readonly who: string;
  readonly refused: number;
}

/** A line of the info area. */
export interface InfoLine {
  readonly id: number;
  readonly at: number;
  readonly type: "welcome" | "info" | "error";
  readonly text: string;
}

/** A message that a search has found. */
export interface SearchHit {
  readonly id: number;
  readonly name: string;
  readonly from: "me" | "them";
  readonly text: string;
  readonly at: number;
}

/** All that a page shows: the first thing that it is told, and all that it has to know. */
export interface Snapshot {
  readonly type: "state";
  readonly version: number;
  readonly me: Me;
  readonly users: readonly UserRow[];
  readonly chats: readonly ChatState[];
  readonly callers: readonly CallerRow[];
  readonly ignored: readonly IgnoredRow[];
  readonly info: readonly InfoLine[];
  /** The `ref`s of what has been done of late, so that no page asks for it again. */
  readonly done: readonly string[];
}

/** What has changed; every page is told. */
export type StateChange =
  | { readonly type: "me"; readonly me: Me }
  /** Rows with a known id take the place of what was there. */
  | { readonly type: "users"; readonly add: readonly UserRow[]; readonly gone: readonly number[] }
  | { readonly type: "chat"; readonly chat: ChatHead; readonly whole?: boolean }
  | { readonly type: "chat-gone"; readonly chat: number }
  /** One with a known id takes the place of what was there. */
  | {
    readonly type: "message";
    readonly chat: number;
    readonly message: MessageRow;
    /** How many are unread with it; left out where that is as it was. */
    readonly unread?: number;
  }
  | { readonly type: "callers"; readonly callers: readonly CallerRow[] }
  | { readonly type: "ignored"; readonly ignored: readonly IgnoredRow[] }
  | { readonly type: "info"; readonly line: InfoLine };

/** The answer to what one page asked; the others are not told. */
export type RequestResult =
  /** Goes to a chat, and there to a message, which may be one that the page has not been told yet. */
  | { readonly type: "show"; readonly chat: number; readonly message?: number }
  | {
    readonly type: "older";
    readonly chat: number;
    /** Oldest first. */
    readonly messages: readonly MessageRow[];
    readonly whole: boolean;
  }
  | { readonly type: "found"; readonly words: string; readonly found: readonly SearchHit[] }
  | { readonly type: "safety"; readonly chat: number; readonly number: string }
  | { readonly type: "problem"; readonly text: string };

/** What comes down: `n` numbers state and changes, so that none is shown twice. */
export type Update = (Snapshot | StateChange) & { readonly seq: number } | RequestResult;

/** What goes up: what the user wants. */
export type Request =
  | { readonly type: "hello"; readonly version: number }
  | { readonly type: "login"; readonly name: string; readonly server: string }
  | { readonly type: "logout" | "trust-server" | "ignored" }
  | { readonly type: "talk"; readonly user: number }
  | {
    readonly type: "again" | "close" | "seen" | "safety" | "verify" | "trust";
    readonly chat: number;
  }
  | {
    readonly type: "send";
    readonly chat: number;
    readonly text: string;
    readonly requestId: string;
  }
  | {
    readonly type: "older";
    readonly chat: number;
    readonly before: number;
    readonly count: number;
  }
  | { readonly type: "cancel"; readonly chat: number; readonly message: number }
  | { readonly type: "typing"; readonly chat: number; readonly typing: boolean }
  | { readonly type: "search"; readonly words: string }
  | { readonly type: "find"; readonly found: number }
  | { readonly type: "accept" | "refuse"; readonly caller: number }
  | { readonly type: "ignore"; readonly of: "user" | "chat" | "caller"; readonly id: number }
  | { readonly type: "unignore"; readonly id: number }
  | { readonly type: "strangers"; readonly policy: Strangers }
  | { readonly type: "status"; readonly availability: WindowAvailability; readonly text: string };
