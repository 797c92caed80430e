import { equals } from "@std/bytes/equals";
import { type FileEndCode, fileEndCodes } from "../../../protocol/mod.ts";
import { storageError } from "../errors.ts";
import type { PublicKey } from "../public_key.ts";
import type { SecureConnection } from "../peer/mod.ts";
import type { Room, RoomPerson } from "../room.ts";
import type { FileComponents, FileRooms } from "./file_components.ts";
import type { FileTransfer } from "./file_transfer.ts";
import type { OutgoingTransfers } from "./outgoing_transfers.ts";
import type { TransferList } from "./transfer_list.ts";

/** A message in a room that offers files. */
export interface RoomOffer {
  readonly room: Room;
  /** The hash of its entry, in hex. */
  readonly id: string;
  readonly author: RoomPerson;
  readonly offer: Uint8Array;
  readonly time: number;
}

/** The parts that transfers in rooms share. */
interface RoomTransferParts extends Pick<FileComponents, "events" | "storage"> {
  readonly list: TransferList;
  readonly outgoing: OutgoingTransfers;
  readonly rooms: () => FileRooms;
  /** Whether somebody may make one more offer; makes room for it. */
  readonly admits: (identity: PublicKey) => boolean;
}

/** The transfers in rooms: offers are messages there, which every member may take from the author. */
export class RoomTransfers {
  readonly #parts: RoomTransferParts;

  constructor(parts: RoomTransferParts) {
    this.#parts = parts;
  }

  /** The transfer that a message of a room offers; undefined if it is not listed here. */
  find(id: string): FileTransfer | undefined {
    const { list } = this.#parts;
    return list.get(id, "incoming") ?? list.get(id, "outgoing");
  }

  /**
   * Writes what the user offers as a message, unless an earlier run has done so.
   *
   * @throws {ClientError} `room-failed`, `storage-failed`
   */
  async publish(transfer: FileTransfer, isNew: boolean): Promise<void> {
    const { room } = transfer;
    if (room === undefined) return;
    const rooms = this.#parts.rooms();
    const same = isNew ? [] : await rooms.findOwn(room, transfer.offerBytes);
    const earlier = same.find((id) => this.find(id) === undefined);
    if (earlier !== undefined) return this.#published(transfer, earlier);
    await rooms.publish(room, transfer.offerBytes); // as it is stored, it is told here
  }

  /** A message of the user's own is stored: the transfer that it offers has its id from here on. */
  cameFromHere({ room, id, offer }: RoomOffer): FileTransfer | undefined {
    const { list } = this.#parts;
    const known = list.get(id, "outgoing");
    if (known !== undefined && hasLostMember(known)) return list.revive(known, room);
    const transfer = list.all.find((each) =>
      each.room === room && each.direction === "outgoing" && !each.isOver && !each.isDelivered &&
      equals(each.offerBytes, offer)
    );
    if (transfer !== undefined) this.#published(transfer, id);
    return transfer;
  }

  /** A message of somebody else's has come, perhaps not for the first time. */
  came({ room, id, author, offer, time }: RoomOffer): FileTransfer | undefined {
    const { list, storage, admits } = this.#parts;
    const known = list.get(id, "incoming");
    if (known !== undefined) return hasLostMember(known) ? list.revive(known, room) : known;
    const { identity, name } = author;
    if (!admits(identity)) return undefined;
    const start = { id, direction: "incoming", state: "offered", identity, name, time } as const;
    const transfer = list.add({ ...start, room });
    transfer.describe(offer);
    // Another program of the same user may have taken it.
    storage.transfer(id, "incoming").then((record) => {
      if (record === undefined) list.store(transfer);
    }, () => {});
    return transfer;
  }

  /** The author of a message has deleted it. */
  withdrawn(id: string): void {
    const transfer = this.find(id);
    if (transfer === undefined) return;
    transfer.become("failed", transfer.direction === "outgoing" ? "cancelled" : "withdrawn");
    transfer.interrupt();
  }

  /** A room has other members: nobody else is given anything, and those who are back can be. */
  membersChanged(room: Room): void {
    const { list, outgoing } = this.#parts;
    const members = new Set(
      room.members.filter(({ role }) => role !== "guest").map(({ identity }) => identity.toHex()),
    );
    const isMember = room.state === "joined";
    for (const transfer of list.all) {
      if (transfer.room !== room) continue;
      const isOutgoing = transfer.direction === "outgoing";
      const isFromMember = isMember && (isOutgoing || members.has(transfer.identity.toHex()));
      if (isOutgoing) {
        outgoing.stop(transfer, (key) => isMember && members.has(key));
        transfer.roomTakers?.keepMembers(members);
        if (isMember) transfer.takersChanged();
      }
      if (!isFromMember && !transfer.isOver) {
        transfer.become("failed", "unknown");
        transfer.interrupt();
      } else if (isFromMember && hasLostMember(transfer)) this.#revive(transfer, room);
    }
  }

  /** A member is back: what was offered is offered again, unless it was withdrawn, or the room hides its past. */
  #revive(transfer: FileTransfer, room: Room): void {
    const { list, events, rooms } = this.#parts;
    rooms().isOffered(room, transfer.id).then((isOffered) => {
      if (!isOffered) return;
      if (list.get(transfer.id, transfer.direction) !== transfer) return; // another one is listed
      const revived = list.revive(transfer, room);
      if (revived.direction === "incoming") {
        events.emit({ type: "file-offered", transfer: revived });
      } else events.emit({ type: "file-state", transfer: revived });
    }, () => {}); // it stays as it is
  }

  /** A member says that it is done with what the user offers, or will not go on. */
  ended(
    transfer: FileTransfer,
    member: RoomPerson,
    code: FileEndCode,
    connection: SecureConnection,
  ): void {
    const { events, outgoing } = this.#parts;
    const taker = transfer.roomTakers?.of(member.identity.toHex());
    if (taker === undefined || taker.state === "done") return;
    const state = code === fileEndCodes.done ? "done" : "declined";
    if (taker.state === state) return;
    if (state === "declined" && outgoing.declined(transfer, connection)) {
      taker.hasDeclined = true; // it counts unless another program of the member's gets all of it
      return;
    }
    taker.state = state;
    taker.bytes = state === "done" ? transfer.size : taker.bytes;
    if (state === "done") events.emit({ type: "file-sent", transfer, member });
    this.#parts.list.store(transfer);
    transfer.takersChanged();
  }

  /** The user withdraws what is offered: the message is deleted for all. */
  async withdraw({ room, id, isDelivered }: FileTransfer): Promise<void> {
    if (room === undefined || !isDelivered) return;
    await this.#parts.rooms().withdraw(room, id).catch((error) => {
      this.#parts.events.emit({ type: "error", error: storageError({ what: "changes" }, error) });
    });
  }

  #published(transfer: FileTransfer, id: string): void {
    transfer.isDelivered = true;
    this.#parts.list.rename(transfer, id);
  }
}

/** Whether it has ended since its author or the user was no member any more. */
function hasLostMember({ state, reason }: FileTransfer): boolean {
  return state === "failed" && reason === "unknown";
}
