import type { RoomPolicy } from "../../protocol/mod.ts";
import type { OnlineUser } from "./online_user.ts";
import type { PublicKey } from "./public_key.ts";
import type { FileInput, SendFileOptions, Transfer } from "./transfer.ts";
import type { Contact } from "./trust/mod.ts";

/** Somebody in a room, as a name and a key. */
export interface RoomPerson {
  /** The public key. */
  readonly identity: PublicKey;
  /**
   * The name, as it came: that of the pin, or the one that is certified. If nothing confirms a name, a
   * `~` and the key's tag stand behind it.
   */
  readonly name: string;
  /** Whether a pin or a certificate confirms the name. */
  readonly isConfirmed: boolean;
  /** Whether it is the user. */
  readonly isOwn: boolean;
}

/** A member of a room, or somebody who is invited. */
export interface RoomMember extends RoomPerson {
  /** The member's role; `guest` is invited and has not joined. */
  readonly role: "owner" | "admin" | "member" | "guest";
  /** Whether the member is online at this server. */
  readonly isOnline: boolean;
}

/** How far a message has come to one member. */
export interface RoomRecipient extends RoomPerson {
  /** `delivered` once that member has it, from whomever. */
  readonly state: "queued" | "delivered";
}

/** A reaction to a message. */
export interface RoomReaction {
  /** As it came: not yet safe to print. */
  readonly emoji: string;
  /** Whose it is. */
  readonly by: readonly RoomPerson[];
}

/** Something that was said in a room. */
export interface RoomMessage {
  /** Tells it from a notice. */
  readonly type: "message";
  /** Names it for all members: the hash of its entry, in hex. */
  readonly id: string;
  /** Grows with each arrival, in whatever room. */
  readonly number: number;
  /** Its room. */
  readonly room: Room;
  /** Its author. */
  readonly author: RoomPerson;
  /** The same as `author.name`. */
  readonly name: string;
  /** Whether the user said it. */
  readonly direction: "outgoing" | "incoming";
  /** As it is now, and as it came: not yet safe to print. Empty if it was deleted, or has not come. */
  readonly text: string;
  /** The text before each edit, the oldest first. */
  readonly versions: readonly string[];
  /** When it was written, in milliseconds since 1970, but later than what its author had read. */
  readonly time: number;
  /** The message that it answers. */
  readonly replyTo?: string | undefined;
  /** Whether its author has deleted it. */
  readonly isDeleted: boolean;
  /** Whether its text was withheld, or has not come yet. */
  readonly isMissing: boolean;
  /** Whether it stands before others that came earlier. */
  readonly isLate: boolean;
  /** Whether its author has said something else in its place, to others. */
  readonly isContradiction: boolean;
  /** The reactions to it. */
  readonly reactions: readonly RoomReaction[];
  /** The files that it offers, if they are listed here; the text names them. */
  readonly transfer?: Transfer | undefined;
  /** `queued` until a member has it, `sent` until all have it, then `delivered`; `received` of others. */
  readonly state: "queued" | "sent" | "delivered" | "received";
  /** The members when it was said, and whether they have it; empty for messages of others. */
  readonly recipients: readonly RoomRecipient[];
  /** Resolves once one of the members has it: that one passes it on. Never for messages of earlier runs. */
  readonly delivered: Promise<void>;
}

/** Something else that happened in a room. */
export interface RoomNotice {
  /** Tells it from a message. */
  readonly type: "notice";
  /** The hash of its entry, in hex. */
  readonly id: string;
  /** Grows with each arrival, in whatever room. */
  readonly number: number;
  /** When, as in {@linkcode RoomMessage}. */
  readonly time: number;
  /** The event. */
  readonly what:
    | "created"
    | "invited"
    | "joined"
    | "left"
    | "removed"
    | "promoted"
    | "demoted"
    | "changed";
  /** The member that did it. */
  readonly by: RoomPerson;
  /** To whom. */
  readonly whom?: RoomPerson | undefined;
  /** The topic from then on; of `changed` alone. */
  readonly topic?: string | undefined;
}

/** A row of a room; all members agree on the order of rows. */
export type RoomItem = RoomMessage | RoomNotice;

/** A room: a group of people with a history, which its members pass on to each other. */
export interface Room {
  /** Names it for all members: the hash of its first entry, in hex. */
  readonly id: string;
  /** Its name, without `#`; as it came. Several rooms may have one name. */
  readonly name: string;
  /** `#` and its name, with a `~` and a tag if another room has the same name. */
  readonly label: string;
  /** The topic; as it came. */
  readonly topic: string;
  /** The rules: who may invite, and whether newcomers get what was said before. */
  readonly policy: RoomPolicy;
  /** Whether the user is a member, is invited, or has left, declined or been removed. */
  readonly state: "joined" | "invited" | "left";
  /** The user's role; undefined once the user has left. */
  readonly role: RoomMember["role"] | undefined;
  /** The members and the guests. */
  readonly members: readonly RoomMember[];
  /** By whom the user is invited; undefined if not. */
  readonly invitedBy: RoomPerson | undefined;
  /** How many messages of others the user has not read. */
  readonly unread: number;
  /** The arrival number of what the user has read last. */
  readonly readNumber: number;
  /**
   * Says something. It goes to all members who can be reached, and these pass it on.
   *
   * @param options `replyTo`: the id of the message that it answers
   * @throws {TypeError} if the text is blank
   * @throws {ClientError} `room-failed` if the user is no member, or the text is too long; `storage-failed`
   */
  send(text: string, options?: { readonly replyTo?: string | undefined }): Promise<RoomMessage>;
  /**
   * Offers files and folders to all members. They take them from this client while it is online; the
   * offer is a message, which {@linkcode Transfer.cancel} deletes.
   *
   * @returns the transfer, as in {@linkcode Chat.sendFile}; its `takers` are the members
   * @throws {ClientError} `room-failed` if the user is no member; `transfer-failed` if a file can't be read
   */
  sendFile(input: FileInput, options?: SendFileOptions): Promise<Transfer>;
  /** Changes a message of the user's own that offers no files. @throws {ClientError} as {@linkcode Room.send} */
  edit(id: string, text: string): Promise<void>;
  /** Asks all members to delete a message of the user's own. @throws {ClientError} likewise */
  delete(id: string): Promise<void>;
  /** Reacts to a message, or takes that back. @throws {ClientError} likewise */
  react(id: string, emoji: string, isOn?: boolean): Promise<void>;
  /**
   * Invites somebody, who need not be online.
   *
   * @throws {ClientError} `room-failed` if the user may not, or that one's client has no rooms
   */
  invite(guest: OnlineUser | Pick<Contact, "name" | "identity">): Promise<void>;
  /** Accepts the invitation. @throws {ClientError} `room-failed` if there is none */
  join(): Promise<void>;
  /** Leaves the room, or declines the invitation. @throws {ClientError} `room-failed` */
  leave(): Promise<void>;
  /** Removes a member or a guest. @throws {ClientError} `room-failed` if the user may not */
  remove(identity: Uint8Array): Promise<void>;
  /** Makes a member an admin, or not. @throws {ClientError} `room-failed` if the user is not the owner */
  setAdmin(identity: Uint8Array, isAdmin: boolean): Promise<void>;
  /** Changes name, topic or policy. @throws {ClientError} `room-failed` if the user is not the owner */
  set(change: Partial<RoomPolicy & { readonly name: string; readonly topic: string }>): Promise<
    void
  >;
  /**
   * The newest of what is shown, in its order.
   *
   * @param options `most`: how much at most, 100 by default; `before`: only what stands before this
   */
  history(options?: {
    readonly most?: number | undefined;
    readonly before?: Pick<RoomItem, "id" | "time"> | undefined;
  }): Promise<RoomItem[]>;
  /**
   * The newest messages that have, for each of these words, one that begins with it; in the room's order.
   *
   * @param most how many at most, 100 by default
   */
  search(words: string, most?: number): Promise<RoomMessage[]>;
  /** A message by its id; undefined if it is not here. */
  find(id: string): Promise<RoomMessage | undefined>;
  /** The user has read all that has come. */
  markRead(): Promise<void>;
  /** Removes the room and its history from this machine; the user leaves it first. */
  forget(): Promise<void>;
}

/** The rooms of a user. Iterating gives all of them, also those that were left. */
export interface Rooms extends Iterable<Room> {
  /** All of them, the oldest first. */
  readonly all: readonly Room[];
  /** Resolves once those of earlier runs are here. Rejects with `storage-failed`. */
  readonly ready: Promise<void>;
  /**
   * Everybody at this server who has joined it, and what was said in the last hour; among `all` while the
   * user is in it. Nothing of it is stored, and there are no edits, reactions or invitations. The name
   * `lobby` means it. Undefined without an identity.
   */
  readonly lobby: Room | undefined;
  /** The room with that id. */
  get(id: string): Room | undefined;
  /** The rooms of that name, with or without `#` and tag. */
  named(name: string): Room[];
  /**
   * Makes a room, with the user as its owner.
   *
   * @param name see `checkRoomName`
   * @throws {ClientError} `room-failed` if the name can't be used, or the user has no identity
   */
  create(name: string, policy?: Partial<RoomPolicy>): Promise<Room>;
}
