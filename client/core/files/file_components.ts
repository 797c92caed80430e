import type { FileMessage } from "../../../protocol/mod.ts";
import type { Components } from "../components.ts";
import type { FileStorage } from "../file_storage.ts";
import type { IdentityKeys } from "../identity_keys.ts";
import type { Callee, SecureConnection } from "../peer/mod.ts";
import type { PublicKey } from "../public_key.ts";
import type { Room, RoomPerson } from "../room.ts";
import type { FileTransfer } from "./file_transfer.ts";

/** The chats, as transfers see them. */
export interface FilePeers {
  /** The connections with that key over which messages about files may be sent, the best one first. */
  connections(identity: Uint8Array): SecureConnection[];
  /** How the peer at the other end of a connection is dialed; undefined if nobody knows. */
  callee(connection: SecureConnection): Callee | undefined;
  /** Whether a connection with that key is wanted: then it is dialed as for a message. */
  want(identity: Uint8Array, isWanted: boolean): void;
}

/** The rooms, as transfers see them; their peers are members. */
export interface FileRooms extends FilePeers {
  get(id: string): Room | undefined;
  /** The member with that key whom the room knows; undefined if it is none, or a guest. */
  member(room: Room, identity: PublicKey): RoomPerson | undefined;
  /** Whether a member may have what the message with that id offers, which is the user's own. */
  mayTake(room: Room, id: string, identity: PublicKey): Promise<boolean>;
  /** Whether a message that offers files is there, and given to the user as a member. */
  isOffered(room: Room, id: string): Promise<boolean>;
  /** Writes a message that offers files. */
  publish(room: Room, offer: Uint8Array): Promise<void>;
  /** The ids of the latest messages of the user's own that make that very offer. */
  findOwn(room: Room, offer: Uint8Array): Promise<string[]>;
  /** Deletes a message of the user's own. */
  withdraw(room: Room, id: string): Promise<void>;
}

/** An offer that is ready goes into the outbox. */
export interface OfferQueue {
  /** Resolves once it is in the outbox; `delivered` resolves once the peer has it. */
  queue(transfer: FileTransfer): Promise<{ readonly delivered: Promise<void> }>;
  /** Takes it out again, if the peer does not have it. */
  cancel(transfer: FileTransfer): Promise<void>;
}

/** The components that the parts of this room share. */
export interface FileComponents extends Pick<Components, "events" | "network" | "signaling"> {
  readonly keys: IdentityKeys;
  readonly storage: FileStorage;
  readonly peers: FilePeers;
}

/** Sends a message about files; a connection that breaks is noticed by its reader. */
export function say(connection: SecureConnection, message: FileMessage): void {
  connection.say(message).catch(() => {});
}
