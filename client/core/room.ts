import type { RoomPolicy } from "../../protocol/mod.ts";
import type { OnlineUser } from "./online_user.ts";
import type { PublicKey } from "./public_key.ts";
import type { FileInput, SendFileOptions, Transfer } from "./transfer.ts";
import type { Contact } from "./trust/mod.ts";

/** A person in a room: a name and a key. */
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

/** A member of a room, or someone who is invited. */
export interface RoomMember extends RoomPerson {
  /** The member's role; `guest` is invited and has not joined. */
  readonly role: "owner" | "admin" | "member" | "guest";
  /** Whether the member is online at this server. */
  readonly isOnline: boolean;
}

/** Whether one member has a message. */
export interface RoomRecipient extends RoomPerson {
  /** `delivered` once that member has it, from any other member. */
  readonly state: "queued" | "delivered";
}

/** A reaction to a message. */
export interface RoomReaction {
  /** As it came: not yet safe to print. */
  readonly emoji: string;
  /** The people who have reacted with it. */
  readonly by: readonly RoomPerson[];
}

/** A message in a room. */
export interface RoomMessage {
  /** Distinguishes a message from a notice. */
  readonly type: "message";
  /** Names it for all members: the hash of its entry, in hex. */
  readonly id: string;
  /** The arrival number: it grows with each arrival in any room. */
  readonly number: number;
  /** Its room. */
  readonly room: Room;
  /** Its author. */
  readonly author: RoomPerson;
  /** The same as `author.name`. */
  readonly name: string;
  /** `outgoing` if the user wrote it. */
  readonly direction: "outgoing" | "incoming";
  /** The present text, as it came: not yet safe to print. Empty if it was deleted, or has not arrived. */
  readonly text: string;
  /** The text before each edit, the oldest first. */
  readonly versions: readonly string[];
  /** When it was written, in milliseconds since 1970, but later than what its author had read. */
  readonly time: number;
  /** The ID of the message that it answers. */
  readonly replyTo?: string | undefined;
  /** Whether its author has deleted it. */
  readonly isDeleted: boolean;
  /** Whether its text was withheld, or has not arrived yet. */
  readonly isMissing: boolean;
  /** Whether it arrived later than messages that come after it in the room's order. */
  readonly isLate: boolean;
  /** Whether its author has sent another message in its place to other members. */
  readonly isContradiction: boolean;
  /** The reactions to it. */
  readonly reactions: readonly RoomReaction[];
  /** The files that it offers, if the transfer is known here; the text names them. */
  readonly transfer?: Transfer | undefined;
  /** `queued` until a member has it, `sent` until all have it, then `delivered`; `received` if others wrote it. */
  readonly state: "queued" | "sent" | "delivered" | "received";
  /** The members at the time when it was written, and whether they have it; empty for messages of others. */
  readonly recipients: readonly RoomRecipient[];
  /**
   * Resolves once one member has it, who passes it on; in the lobby once it was sent to someone. Never
   * resolves for messages of earlier runs.
   */
  readonly delivered: Promise<void>;
}

/** An event in a room that is no message, such as a new member. */
export interface RoomNotice {
  /** Distinguishes a notice from a message. */
  readonly type: "notice";
  /** The hash of its entry, in hex. */
  readonly id: string;
  /** The arrival number: it grows with each arrival in any room. */
  readonly number: number;
  /** When it happened, in milliseconds since 1970, as in {@linkcode RoomMessage}. */
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
  /** The member who did it. */
  readonly by: RoomPerson;
  /** The person whom it concerns. */
  readonly whom?: RoomPerson | undefined;
  /** The new topic; only with `changed`. */
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
  /** The rules: who may invite, and whether newcomers get earlier messages. */
  readonly policy: RoomPolicy;
  /** Whether the user is a member, is invited, or has left, declined or been removed. */
  readonly state: "joined" | "invited" | "left";
  /** The user's role; undefined once the user has left. */
  readonly role: RoomMember["role"] | undefined;
  /** The members and the guests. */
  readonly members: readonly RoomMember[];
  /** The member who has invited the user; undefined if the user is not invited. */
  readonly invitedBy: RoomPerson | undefined;
  /** How many messages of others the user has not read. */
  readonly unread: number;
  /** The {@linkcode RoomMessage.number} of the newest message that the user has read. */
  readonly readNumber: number;
  /**
   * Sends a message to all members who can be reached; these pass it on to the others.
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
  /**
   * Changes a message of the user's own that offers no files.
   *
   * @throws {TypeError} if the text is blank
   * @throws {ClientError} as {@linkcode Room.send}
   */
  edit(id: string, text: string): Promise<void>;
  /**
   * Asks all members to delete a message of the user's own.
   *
   * @throws {ClientError} as {@linkcode Room.send}
   */
  delete(id: string): Promise<void>;
  /**
   * Reacts to a message, or takes the reaction back.
   *
   * @param isOn whether to react; default: true
   * @throws {ClientError} as {@linkcode Room.send}
   */
  react(id: string, emoji: string, isOn?: boolean): Promise<void>;
  /**
   * Invites someone, who need not be online.
   *
   * @throws {ClientError} `room-failed` if the user may not invite, or the guest's client knows no rooms
   */
  invite(guest: OnlineUser | Pick<Contact, "name" | "identity">): Promise<void>;
  /**
   * Accepts the invitation.
   *
   * @throws {ClientError} `room-failed` if there is none
   */
  join(): Promise<void>;
  /**
   * Leaves the room, or declines the invitation.
   *
   * @throws {ClientError} `room-failed` if the user is neither a member nor invited
   */
  leave(): Promise<void>;
  /**
   * Removes a member or a guest.
   *
   * @throws {ClientError} `room-failed` if the user may not
   */
  remove(identity: Uint8Array): Promise<void>;
  /**
   * Makes a member an admin, or not.
   *
   * @throws {ClientError} `room-failed` if the user is not the owner
   */
  setAdmin(identity: Uint8Array, isAdmin: boolean): Promise<void>;
  /**
   * Changes name, topic or policy.
   *
   * @throws {ClientError} `room-failed` if the user is not the owner
   */
  set(change: Partial<RoomPolicy & { readonly name: string; readonly topic: string }>): Promise<
    void
  >;
  /**
   * The newest messages and notices, in the room's order.
   *
   * @param options `most`: the greatest number of rows, 100 by default; `before`: only rows before this one
   */
  history(options?: {
    readonly most?: number | undefined;
    readonly before?: Pick<RoomItem, "id" | "time"> | undefined;
  }): Promise<RoomItem[]>;
  /**
   * The newest messages that contain all these words, or words that begin with them; in the room's order.
   *
   * @param most the greatest number of messages, 100 by default
   */
  search(words: string, most?: number): Promise<RoomMessage[]>;
  /** The message with that ID; undefined if it is not here. */
  find(id: string): Promise<RoomMessage | undefined>;
  /** Marks everything that has arrived as read. */
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
   * The room of everyone at this server who has joined it, with the messages of the last hour. It is among
   * `all` while the user is in it, and the name `lobby` means it. Nothing of it is stored, and it has no
   * edits, reactions or invitations. Undefined without an identity.
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
