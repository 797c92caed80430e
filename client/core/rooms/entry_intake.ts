import { plainAddress, type RoomEntry } from "../../../protocol/mod.ts";
import type { CallScreener } from "../calls/mod.ts";
import { ClientError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";
import { clientLimits } from "../limits.ts";
import { NoticeCounter } from "../notice_counter.ts";
import { SerialQueue } from "../serial_queue.ts";
import type { Pins } from "../trust/mod.ts";
import type { RoomStore } from "../room_store.ts";
import { InvitationInbox } from "./invitation_inbox.ts";
import { KeyBudgets } from "./key_budgets.ts";
import type { LocalRoom } from "./local_room.ts";
import type { RoomLink, RoomSummaryMessage } from "./room_link.ts";
import type { ClaimedName } from "./room_names.ts";
import { readRoomRecord, type RoomRecord } from "./room_record.ts";
import { TALK_RATE, talkCost } from "./talk_rate.ts";

/** How often an error reports at most that invitations were refused since too many wait. */
const NOTICE_INTERVAL_MS = 60_000;
/** How long nothing is read of an author who has said too much. */
const OVER_BUDGET_PAUSE_MS = 1_000;
/** How many rooms that are not here a peer may sum up. */
const MAX_UNKNOWN_ROOMS = 16;
/** How many entries are taken from a peer that is in none of the user's rooms. */
const MAX_STRANGE_ENTRIES = 12_000;

/** In place of the hash that a peer has announced: what it had then is here. */
const HAS_ALL = "";

interface EntryIntakeParts {
  /** The user's own key, in hex. */
  readonly own: string;
  readonly events: EventBus;
  readonly store: RoomStore;
  readonly pins: Pick<Pins, "all">;
  readonly screener: Pick<CallScreener, "admitsInvitation">;
  readonly invitations: KeyBudgets;
  /** Whether the user ignores whoever has that key, in hex. */
  readonly isIgnored: (key: string, claim: ClaimedName | undefined) => boolean;
  /** By their ids. */
  readonly rooms: ReadonlyMap<string, LocalRoom>;
  /** The time by the server's clock. */
  readonly now: () => number;
  /** Opens a room that is stored. */
  readonly open: (id: string, state: LocalRoom["state"]) => Promise<LocalRoom>;
  /** A room is to be begun anew: it is listed no more. */
  readonly onForgotten: (room: LocalRoom) => void;
  /** More rooms may be exchanged over a link than before. */
  readonly refresh: (link: RoomLink) => void;
}

/** Takes what comes over links about rooms: entries go to their room, or make one if they invite. */
export class EntryIntake {
  readonly #parts: EntryIntakeParts;
  readonly #inbox: InvitationInbox;
  readonly #budgets = new KeyBudgets(TALK_RATE);
  readonly #fullNotices = new NoticeCounter(NOTICE_INTERVAL_MS);
  /** Takes entries of rooms that are not here. */
  readonly #unknown = new SerialQueue();

  constructor(parts: EntryIntakeParts) {
    this.#parts = parts;
    this.#inbox = new InvitationInbox(parts.own, parts.now, parts.isIgnored);
  }

  /** Forgets the entries of rooms that are not here. */
  clear(): void {
    this.#inbox.clear();
  }

  /** Whoever sums up a room that is not here takes the user for a guest: it is told that nothing is here. */
  async summarized(link: RoomLink, summary: RoomSummaryMessage): Promise<void> {
    const id = summary.room.toHex();
    const exchange = link.exchanges.get(id);
    if (exchange !== undefined) return await exchange.onSummary(summary);
    if (this.#parts.rooms.has(id)) return;
    const isNew = !link.unknownRooms.has(id);
    if (isNew && link.unknownRooms.size >= MAX_UNKNOWN_ROOMS) return;
    link.unknownRooms.set(id, summary.membershipHash.toHex());
    if (!isNew) return await this.#unknown.run(() => this.#takeInvitation(link, id));
    const membershipHash = new Uint8Array(summary.membershipHash.length);
    link.send({ ...summary, part: 0, parts: 1, membershipHash, rows: [] });
  }

  async take(link: RoomLink, entry: RoomEntry): Promise<void> {
    const record = readRoomRecord(entry);
    if (record === undefined) return;
    if (this.#parts.rooms.has(record.room)) return await this.#takeRecord(link, record);
    // Several links may bring one invitation: its room is opened once.
    await this.#unknown.run(() => this.#takeRecord(link, record));
  }

  async #takeRecord(link: RoomLink, record: RoomRecord): Promise<void> {
    const room = this.#parts.rooms.get(record.room);
    const isStranger = room?.replica.membership.servedAs(link.key) === undefined;
    if (isStranger && ++link.strangeEntries > MAX_STRANGE_ENTRIES) return link.close();
    if ((isStranger || room?.isForgotten) && !record.isMembership) return;
    const isCounted = room !== undefined && !record.isMembership &&
      record.author !== this.#parts.own &&
      room.replica.log.isNew(record);
    while (isCounted && !this.#budgets.mayTake(record.author)) {
      // Entries that others pass on come again, and do not hold up the rest.
      if (link.key !== record.author) return;
      await link.pause(OVER_BUDGET_PAUSE_MS);
    }
    const receipt = room === undefined
      ? await this.#inbox.take(record)
      : await room.replica.receive(record);
    if (isCounted && receipt === "stored") {
      const ageMs = this.#parts.now() - record.header.at;
      this.#budgets.count(record.author, { cost: talkCost(ageMs) });
    }
    if (receipt === "stored" || receipt === "known") {
      link.acknowledge(record.hash);
      link.exchanges.get(record.room)?.hasSent(record.hash);
    } else if (receipt === "waiting" && room !== undefined) {
      link.exchanges.get(record.room)?.hasSentEarly(record.hash);
      link.exchanges.get(record.room)?.wantSoon(room.replica.missingOf(record.hash));
    }
    if (room?.isForgotten && room.state === "invited") return await this.#restore(room);
    if (room !== undefined) return this.#parts.refresh(link);
    await this.#takeInvitation(link, record.room);
  }

  /**
   * Opens a room that was not here if the user is invited to it. Not before all has come that the peer has:
   * the user may have been in it, and what was then is no news.
   */
  async #takeInvitation(link: RoomLink, id: string): Promise<void> {
    const hasAll = link.unknownRooms.get(id) === this.#inbox.membershipHashOf(id);
    if (hasAll) link.unknownRooms.set(id, HAS_ALL);
    const isComing = (link.unknownRooms.get(id) ?? HAS_ALL) !== HAS_ALL;
    const invitation = this.#inbox.invitationTo(id);
    if (invitation === undefined || isComing || this.#parts.rooms.has(id)) return;
    const entries = await this.#inbox.entriesOf(id);
    const inviter = invitation.record.author;
    const { pins, screener, store, events, rooms } = this.#parts;
    const { name, identity } = link.connection.peer;
    const isContact = pins.all.some((pin) => {
      const key = pin.identity.toHex();
      return key === link.key || key === inviter;
    });
    const address = plainAddress(link.connection.remote.hostname);
    const waiting = [...rooms.values()].filter(({ state }) => state === "invited").length;
    const limit = clientLimits.roomInvitations;
    const isAdmitted = waiting < limit &&
      (isContact || screener.admitsInvitation({ name, address, identity }));
    if (!isAdmitted) this.#inbox.drop(id);
    if (waiting >= limit && this.#fullNotices.add() > 0) {
      const details = { reason: "too-many-invitations", limit } as const;
      events.emit({ type: "error", error: new ClientError("room-failed", details) });
    }
    if (!isAdmitted) return;
    // Whoever has joined with this key, and lost what was stored, is in it.
    const state = this.#inbox.isMemberOf(id) ? "joined" : "invited";
    await store.saveRoom({ id, state, readNumber: 0 });
    for (const entry of entries) await store.add(id, entry);
    this.#inbox.drop(id);
    link.unknownRooms.delete(id);
    const room = await this.#parts.open(id, state);
    for (const { hash } of entries) link.exchanges.get(id)?.hasSent(hash);
    const by = room.personOf(inviter);
    if (state === "invited") return events.emit({ type: "room-invited", room, by });
    events.emit({ type: "room-joined", room, member: room.personOf(this.#parts.own) });
  }

  /** The user is invited to a room that was forgotten: it begins anew. */
  async #restore(room: LocalRoom): Promise<void> {
    const inviter = `${room.invitedBy?.identity}`;
    const { invitations } = this.#parts;
    if (!invitations.mayTake(inviter)) return;
    invitations.count(inviter);
    this.#parts.onForgotten(room);
    room.close();
    const { store, events } = this.#parts;
    await store.removeTalk(room.id);
    await store.saveRoom({ id: room.id, state: "invited", readNumber: 0 });
    const again = await this.#parts.open(room.id, "invited");
    const { invitedBy } = again;
    if (invitedBy !== undefined) events.emit({ type: "room-invited", room: again, by: invitedBy });
  }
}
