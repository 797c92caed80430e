import { equals } from "@std/bytes/equals";
import type { FileMessage } from "../../../protocol/mod.ts";
import type { EventBus } from "../event_bus.ts";
import type { FileRooms, FileTransfer, FileTransfers } from "../files/mod.ts";
import type { Callee, SecureConnection } from "../peer/mod.ts";
import type { PublicKey } from "../public_key.ts";
import type { FileInput, SendFileOptions, Transfer } from "../transfer.ts";
import type { Room, RoomPerson } from "../room.ts";
import type { LocalRoom } from "./local_room.ts";
import type { RoomLink } from "./room_link.ts";
import type { RoomLinks } from "./room_links.ts";
import type { OfferedFiles } from "./room_parts.ts";
import { readRoomRecord, type RoomRecord } from "./room_record.ts";
import type { StoredRoomEntry } from "../room_store.ts";

/** How many of the newest entries are looked at for an offer of an earlier run. */
const SEARCHED_ENTRIES = 1_000;

interface RoomFilesParts {
  readonly events: EventBus;
  readonly files: FileTransfers;
  readonly links: RoomLinks;
  readonly rooms: () => readonly LocalRoom[];
  /** With whom to link has changed. */
  readonly onWanted: () => void;
}

/** Files that are offered in rooms: which message makes an offer, and who may take it. */
export class RoomFiles implements FileRooms, OfferedFiles {
  readonly #parts: RoomFilesParts;
  /** The keys of authors in hex from whom something is to be fetched. */
  readonly #wanted = new Set<string>();

  constructor(parts: RoomFilesParts) {
    this.#parts = parts;
    parts.files.rooms = this;
  }

  /** The keys of members with whom links are wanted for files alone. */
  get wanted(): Iterable<string> {
    return this.#wanted;
  }

  send(room: Room, input: FileInput, options: SendFileOptions): Promise<Transfer> {
    return this.#parts.files.offerInRoom(room, input, options);
  }

  find(id: string): FileTransfer | undefined {
    return this.#parts.files.inRooms.find(id);
  }

  came(
    room: Room,
    record: RoomRecord,
    stored: StoredRoomEntry,
    author: RoomPerson,
  ): FileTransfer | undefined {
    if (record.body?.type !== "file") return undefined;
    const { hash: id, effective: time } = stored;
    const offer = { room, id, author, time, offer: record.body.offer };
    const { inRooms } = this.#parts.files;
    if (author.isOwn) return inRooms.cameFromHere(offer);
    return inRooms.came(offer);
  }

  withdrawn(id: string): void {
    this.#parts.files.inRooms.withdrawn(id);
  }

  membersChanged(room: Room): void {
    this.#parts.files.inRooms.membersChanged(room);
  }

  /** A link is open. */
  opened({ connection }: RoomLink): void {
    this.#parts.files.connectedInRooms(connection.peer.identity);
  }

  /** The other end of a link says something about files. */
  async heard(
    link: RoomLink,
    message: Extract<FileMessage, { readonly type: "file-link" | "file-end" }>,
  ): Promise<void> {
    link.usedAt = performance.now();
    await this.#parts.files.heard(link.connection, message);
  }

  get(id: string): Room | undefined {
    return this.#room(id);
  }

  connections(identity: Uint8Array): SecureConnection[] {
    const { links } = this.#parts;
    return links.isStopped ? [] : links.with(identity.toHex()).map(({ connection }) => connection);
  }

  callee(connection: SecureConnection): Callee | undefined {
    return this.#parts.links.calleeAt(connection);
  }

  want(identity: Uint8Array, isWanted: boolean): void {
    const key = identity.toHex();
    if (!isWanted) return void this.#wanted.delete(key);
    this.#wanted.add(key);
    this.#parts.onWanted();
    this.#parts.links.wake(key);
  }

  member({ id }: Room, identity: PublicKey): RoomPerson | undefined {
    const room = this.#room(id);
    const key = identity.toHex();
    const role = room?.replica.membership.roleOf(key);
    return role === undefined || role === "guest" ? undefined : room?.personOf(key);
  }

  async mayTake({ id }: Room, hash: string, identity: PublicKey): Promise<boolean> {
    const room = this.#room(id);
    const isMember = () => room !== undefined && this.member(room, identity) !== undefined;
    if (room === undefined || room.state !== "joined" || !isMember()) return false;
    const record = await readMessage(room, hash);
    if (record?.author !== room.own) return false;
    return isMember() && room.replica.membership.maySeeBody(record, identity.toHex());
  }

  async isOffered({ id }: Room, hash: string): Promise<boolean> {
    const room = this.#room(id);
    const record = room && await readMessage(room, hash);
    if (room === undefined || record === undefined || room.state !== "joined") return false;
    const { membership } = room.replica;
    return record.author === room.own || membership.maySeeBody(record, room.own);
  }

  async publish({ id }: Room, offer: Uint8Array): Promise<void> {
    await this.#room(id)?.offer(offer);
  }

  async findOwn({ id }: Room, offer: Uint8Array): Promise<string[]> {
    const room = this.#room(id);
    const newest = await room?.newest(SEARCHED_ENTRIES) ?? [];
    return newest.filter(({ entry }) => {
      const { author, body } = readRoomRecord(entry) ?? {};
      return author === room?.own && body?.type === "file" && equals(body.offer, offer);
    }).map(({ hash }) => hash);
  }

  async withdraw({ id }: Room, hash: string): Promise<void> {
    await this.#room(id)?.delete(hash);
  }

  #room(id: string): LocalRoom | undefined {
    return this.#parts.rooms().find((room) => room.id === id);
  }
}

/** The entry of a message; undefined if it is not there, or was deleted. */
async function readMessage(room: LocalRoom, hash: string): Promise<RoomRecord | undefined> {
  const [stored, message] = await Promise.all([room.replica.log.find(hash), room.find(hash)]);
  if (stored === undefined || message === undefined || message.isDeleted) return undefined;
  return readRoomRecord(stored.entry);
}
