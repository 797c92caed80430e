import type { Wording } from "./me.ts";
import type { MessageRow } from "./message_rows.ts";
import type { PeerSecurity } from "./user_rows.ts";

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
  readonly last?: Pick<MessageRow, "from" | "text" | "at" | "state" | "isDeleted">;
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
