import type { ChatHead } from "./chat_heads.ts";
import type { Me, Wording } from "./me.ts";
import type { MessageRow, SearchHit, TransferRow, VersionRow } from "./message_rows.ts";
import type { CallerRow, IgnoredRow, UserRow } from "./user_rows.ts";

/** Raised with every change that an older page would not understand. */
export const VERSION = 10;

/** A line of the info log. */
export interface InfoLine extends Wording {
  readonly id: number;
  readonly at: number;
  readonly type: "welcome" | "info" | "error";
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
  | { readonly type: "problem"; readonly refused?: RefusedText } & Wording;

/** A text that was not sent, or not changed to. */
export interface RefusedText {
  readonly type: "send" | "edit";
  readonly chat: number;
  readonly text: string;
  /** The row of the message that it answers or changes; 0 for none. */
  readonly row: number;
}

/** A message to a page. `seq` numbers snapshots and changes, so that none is shown twice. */
export type Update = (Snapshot | StateChange) & { readonly seq: number } | RequestResult;
