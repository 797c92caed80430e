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
  readonly isRoom?: true;
  /** Its author; only in rooms, and only of others. */
  readonly author?: string;
  /** How many of the members of a room have it; only for the user's own. */
  readonly recipients?: { readonly reached: number; readonly all: number };
  /** Whether it mentions the user; only in rooms. */
  readonly isMention?: boolean;
  /** Something that happened in a room, instead of a text. */
  readonly notice?: NoticeRow;
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

/** A message that another one answers. */
export interface ReplyRow {
  /** Its row, which the page may still have to load; 0 if it is not stored. */
  readonly message: number;
  readonly from: "me" | "them";
  /** Its beginning, on one line; empty if it is not stored or was deleted. */
  readonly text: string;
  readonly isDeleted?: boolean | undefined;
  readonly isRoom?: true;
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

/** A message found by a search. */
export interface SearchHit {
  readonly id: number;
  /** The peer, or the room. */
  readonly name: string;
  readonly isRoom?: true;
  /** Its author; only in rooms, and only of others. */
  readonly author?: string;
  readonly from: "me" | "them";
  readonly text: string;
  readonly at: number;
}
