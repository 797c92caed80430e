import type { RoomBody } from "../../../protocol/mod.ts";
import type { EventBus } from "../event_bus.ts";
import type { Room, RoomPerson } from "../room.ts";
import type { RoomStore, StoredRoomEntry } from "../room_store.ts";
import type { FileInput, SendFileOptions, Transfer } from "../transfer.ts";
import type { KeyBudgets } from "./key_budgets.ts";
import type { RoomNames } from "./room_names.ts";
import type { RoomRecord } from "./room_record.ts";
import type { RoomWriter } from "./room_replica.ts";

/** The files that are offered in rooms. */
export interface OfferedFiles {
  send(room: Room, input: FileInput, options: SendFileOptions): Promise<Transfer>;
  /** The transfer that a message offers, if it is listed. */
  find(id: string): Transfer | undefined;
  /** An entry of that author that offers files is here: lists its transfer. */
  came(
    room: Room,
    record: RoomRecord,
    stored: StoredRoomEntry,
    author: RoomPerson,
  ): Transfer | undefined;
  /** The author of a message has deleted it. */
  withdrawn(id: string): void;
  membersChanged(room: Room): void;
}

/** The parts that the rooms of one messenger share. */
export interface RoomParts {
  readonly events: EventBus;
  readonly store: RoomStore;
  readonly names: RoomNames;
  readonly writer: RoomWriter;
  /** The time by the server's clock, in milliseconds since 1970. */
  readonly now: () => number;
  readonly isOnline: (key: string) => boolean;
  /** Whether a user is known to have no rooms. */
  readonly lacksRooms: (identity: Uint8Array) => boolean;
  readonly files: OfferedFiles;
  /** How often a key may invite the user anew to rooms that are here. */
  readonly invitations: KeyBudgets;
  readonly ownCredential: () => Pick<Extract<RoomBody, { type: "join" }>, "name" | "credential">;
  /** Whether the user ignores somebody: then nothing of theirs is shown, and other members have it. */
  readonly isIgnored: (person: RoomPerson) => boolean;
  /** Whether another room has the same name; one that the user has left counts only if this one is left, too. */
  readonly isNameShared: (room: Room) => boolean;
}
