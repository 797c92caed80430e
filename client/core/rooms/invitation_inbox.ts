import { MemoryRoomStore } from "./memory_room_store.ts";
import type { MembershipNode } from "./membership_graph.ts";
import { isMembershipRecord, isRoomRecordValid, type RoomRecord } from "./room_record.ts";
import type { ClaimedName } from "./room_names.ts";
import type { StoredRoomEntry } from "../room_store.ts";
import { type Receipt, RoomReplica, type RoomReplicaHandlers } from "./room_replica.ts";

/** How many rooms may be coming at once that the user is not in, and how much of each is taken. */
const MAX_ROOMS = 8;
const MAX_BYTES = 8 * 1024 * 1024;

interface IncomingRoom {
  readonly replica: RoomReplica;
  readonly store: MemoryRoomStore;
  bytes: number;
}

/** The membership entries of rooms that the user is not in, until one of them is an invitation. */
export class InvitationInbox {
  readonly #own: string;
  readonly #now: () => number;
  readonly #isIgnored: (key: string, claim: ClaimedName | undefined) => boolean;
  readonly #rooms = new Map<string, IncomingRoom>();

  /**
   * @param own the user's own key, in hex
   * @param isIgnored whether the user ignores whoever has a key: those invite nobody
   */
  constructor(
    own: string,
    now: () => number,
    isIgnored: (key: string, claim: ClaimedName | undefined) => boolean,
  ) {
    this.#isIgnored = isIgnored;
    this.#own = own;
    this.#now = now;
  }

  /** Takes an entry of a room that is not here. */
  async take(record: RoomRecord): Promise<Receipt> {
    if (!isMembershipRecord(record)) return "refused";
    const room = this.#rooms.get(record.room);
    if (room === undefined) {
      if (record.body.type !== "create" || !isRoomRecordValid(record)) return "refused";
      this.#makeRoom();
      const store = new MemoryRoomStore();
      const replica = await RoomReplica.begin(record, store, handlers(this.#now));
      this.#rooms.set(record.room, { replica, store, bytes: 0 });
      return "stored";
    }
    room.bytes += record.entry.header.length + (record.entry.body?.length ?? 0);
    if (room.bytes <= MAX_BYTES) return await room.replica.receive(record);
    this.drop(record.room);
    return "refused";
  }

  /** The entry by which the user is invited to a room that has come; undefined if there is none yet. */
  invitationTo(room: string): MembershipNode | undefined {
    const membership = this.#rooms.get(room)?.replica.membership;
    return membership?.invitationsOf(this.#own).findLast(({ record: { author } }) =>
      !this.#isIgnored(author, membership.claimOf(author))
    );
  }

  /** Whether the user is a member already. */
  isMemberOf(room: string): boolean {
    const role = this.#rooms.get(room)?.replica.membership.roleOf(this.#own);
    return role !== undefined && role !== "guest";
  }

  /** What a summary of all its membership entries would have. */
  membershipHashOf(room: string): string | undefined {
    return this.#rooms.get(room)?.replica.membership.hash;
  }

  /** The membership entries of such a room, the parents first. */
  async entriesOf(room: string): Promise<StoredRoomEntry[]> {
    return await this.#rooms.get(room)?.store.membership(room) ?? [];
  }

  drop(room: string): void {
    this.#rooms.get(room)?.replica.close();
    this.#rooms.delete(room);
  }

  clear(): void {
    for (const room of [...this.#rooms.keys()]) this.drop(room);
  }

  #makeRoom(): void {
    const [oldest] = this.#rooms.keys();
    if (this.#rooms.size >= MAX_ROOMS && oldest !== undefined) this.drop(oldest);
  }
}

function handlers(now: () => number): RoomReplicaHandlers {
  return { now, onMembership: () => {}, onTalk: () => {} };
}
