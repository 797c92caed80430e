import type { RoomEntry } from "../../protocol/mod.ts";

/** A room as it is stored, without its entries. */
export interface StoredRoom {
  /** The hash of its first entry, in hex. */
  readonly id: string;
  /**
   * Whether the user is a member, invited and not decided yet, or has left or declined: then the room is
   * kept for its history alone. One who has left is `leaving` until a member knows of it; a room that is
   * `forgotten` is kept until then, hidden and without what was said.
   */
  readonly state: "invited" | "joined" | "left" | "leaving" | "forgotten";
  /** The arrival number of the newest entry that the user has read; 0 if there is none. */
  readonly readNumber: number;
}

/** An entry to be stored. Hashes and keys are in hex. */
export interface NewRoomEntry {
  /** Names it. */
  readonly hash: string;
  /** The key of its author. */
  readonly author: string;
  /** On which device. */
  readonly device: string;
  /** Whether it decides who is a member; all else is talk. */
  readonly isMembership: boolean;
  /** How many entries of the same sort the author has written on that device before. */
  readonly count: number;
  /** When it counts as written, in milliseconds since 1970. */
  readonly effective: number;
  /** The entry that it edits, deletes or reacts to; empty for others. */
  readonly target: string;
  /** The text for a search; empty for none. */
  readonly text: string;
  /** The entry itself. */
  readonly entry: RoomEntry;
}

/** An entry that is stored. */
export interface StoredRoomEntry extends NewRoomEntry {
  /** The arrival number: it grows with each arrival in any room. */
  readonly number: number;
}

/** An entry that is stored, and the id of its room. */
export interface ArrivedEntry extends StoredRoomEntry {
  /** In hex. */
  readonly room: string;
}

/** A place in the order of a room. */
export interface RoomPlace {
  /** When it counts as written, in milliseconds since 1970. */
  readonly effective: number;
  /** Which of several at that time. */
  readonly hash: string;
}

/** A text of a room, as it is searched. */
export interface RoomText extends RoomPlace {
  /** The entry that it changes, if it is an edit; else empty. */
  readonly target: string;
  /** The text. */
  readonly text: string;
}

/** Whose talk of one device is here. */
export interface TalkSpan {
  /** The author's key. */
  readonly author: string;
  /** The author's device. */
  readonly device: string;
  /** The count of the oldest entry that is here, if older ones were forgotten; else 0. */
  readonly oldest: number;
  /** The first count behind the oldest that is missing. */
  readonly next: number;
  /** The counts behind that. */
  readonly beyond: readonly number[];
  /** The counts that two entries have. */
  readonly doubled: readonly number[];
}

/** From which count on talk is wanted. */
export interface TalkWant {
  /** The author's key. */
  readonly author: string;
  /** The author's device. */
  readonly device: string;
  /** The first count that is wanted. */
  readonly from: number;
}

/**
 * The storage for rooms; several messengers may share one. A stored entry is safe from the end of the
 * program once its promise has resolved.
 */
export interface RoomStore {
  /** 8 random bytes that are always the same for this store. */
  device(): Promise<Uint8Array>;
  /** All rooms, the oldest first. */
  rooms(): Promise<StoredRoom[]>;
  /** Adds a room, or changes it. */
  saveRoom(room: StoredRoom): Promise<void>;
  /** Removes a room and all its entries. */
  removeRoom(id: string): Promise<void>;
  /** Removes all messages of a room; its membership entries stay. */
  removeTalk(room: string): Promise<void>;
  /** The membership entries of a room, in the order of their arrival. */
  membership(room: string): Promise<StoredRoomEntry[]>;
  /** Which talk of a room is here. */
  talkSpans(room: string): Promise<TalkSpan[]>;
  /** The newest entries before a place, at most so many; in the room's order. */
  newest(room: string, most: number, before?: RoomPlace): Promise<StoredRoomEntry[]>;
  /** The newest texts before a place, at most so many; the newest first. */
  texts(room: string, most: number, before?: RoomPlace): Promise<RoomText[]>;
  /** All entries behind a place, in the room's order. */
  behind(room: string, place: RoomPlace): Promise<StoredRoomEntry[]>;
  /** Those of these entries that are here. */
  find(room: string, hashes: readonly string[]): Promise<StoredRoomEntry[]>;
  /** The talk of an author and device with that count: more than one is a contradiction. */
  withCount(
    room: string,
    author: string,
    device: string,
    count: number,
  ): Promise<StoredRoomEntry[]>;
  /** The numbers of all talk that is wanted and here, in the room's order. */
  wanted(room: string, wants: readonly TalkWant[]): Promise<number[]>;
  /** The entries with these numbers, in this order; those that are gone are left out. */
  get(numbers: readonly number[]): Promise<StoredRoomEntry[]>;
  /** The actions on these entries, in the room's order. */
  actionsOn(room: string, hashes: readonly string[]): Promise<StoredRoomEntry[]>;
  /** Adds an entry, unless it is here. */
  add(room: string, entry: NewRoomEntry): Promise<StoredRoomEntry | undefined>;
  /**
   * Adds an entry of the user's own, with the next count that is free.
   *
   * @param write is called with it, once
   */
  append(
    room: string,
    slot: Pick<NewRoomEntry, "author" | "device" | "isMembership">,
    write: (count: number) => NewRoomEntry,
  ): Promise<StoredRoomEntry>;
  /** Changes when entries count as written. */
  setEffective(room: string, changes: readonly RoomPlace[]): Promise<void>;
  /** Puts the body of an entry where it was missing, or erases it if none is given. */
  setBody(room: string, hash: string, body: Uint8Array | undefined, text: string): Promise<void>;
  /** How many entries with a number above that one are texts or files of others than that author. */
  countBehind(room: string, number: number, author: string): Promise<number>;
  /** The number of the newest entry of all rooms; 0 if there is none. */
  newestNumber(): Promise<number>;
  /** The entries of all rooms with a number above that one, in this order; at most so many. */
  arrivals(number: number, most: number): Promise<ArrivedEntry[]>;
  /** Whether another program has changed the store since this was asked last. */
  hasForeignChanges(): Promise<boolean>;
  /** Forgets the oldest talk of a room over its limits. */
  trim(room: string): Promise<void>;
}
