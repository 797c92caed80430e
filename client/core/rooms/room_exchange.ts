import type { RoomPeerMessage } from "../../../protocol/mod.ts";
import { EntryWants } from "./entry_wants.ts";
import { LackWatch } from "./lack_watch.ts";
import type { LocalRoom } from "./local_room.ts";
import type { RoomStore, StoredRoomEntry } from "../room_store.ts";
import {
  isSummaryOf,
  lackedMembership,
  lackedTalk,
  type RoomSummary,
  summarize,
  SummaryReader,
} from "./room_summary.ts";
import { ServedEntries } from "./served_entries.ts";

/** How much may be under way that is not acknowledged, in bytes. */
const WINDOW_BYTES = 256 * 1024;
/** An entry without an acknowledgment for so long is taken to be refused: it counts no more. */
const ACK_TIMEOUT_MS = 15_000;
/** How many entries are read from the store at once. */
const PAGE = 32;
/** How many entries that the peer has are remembered. */
const MAX_REMEMBERED = 5_000;
/** How often a summary is sent after changes: the larger the room, the rarer. */
const SUMMARY_DELAY_MS = 250;
const MAX_SUMMARY_DELAY_MS = 60_000;
/** How often a peer whose membership entries differ in no count is sent all of them. */
const REPAIR_INTERVAL_MS = 60_000;

/** The other end of an exchange. */
export interface ExchangePeer {
  /** The peer's key, in hex. */
  readonly key: string;
  /** Whether the connection is over. */
  readonly isOver: boolean;
  /** Resolves once what was sent is written. */
  readonly written: Promise<void>;
  /** Bytes that were sent and are not written yet. */
  readonly bufferedAmount: number;
  send(message: RoomPeerMessage): void;
  /** Says that an entry is stored. */
  acknowledge(hash: string): void;
  close(): void;
}

/** An entry that is not acknowledged. */
interface SentEntry {
  readonly stored: StoredRoomEntry;
  readonly bytes: number;
}

/** Brings one room up to date at both ends of a connection. */
export class RoomExchange {
  readonly #peer: ExchangePeer;
  readonly #room: LocalRoom;
  readonly #store: RoomStore;
  readonly #served: ServedEntries;
  readonly #reader = new SummaryReader();
  /** The entries to be sent, by their numbers. */
  #queue: number[] = [];
  /** The entries that the peer has, or was sent and has not refused. */
  readonly #remembered = new Set<string>();
  /** The entries that are not acknowledged, by the beginning of their hashes, with their sizes. */
  readonly #underWay = new Map<string, SentEntry>();
  #underWayBytes = 0;
  /** The entries that the peer has sent and that wait here for others. */
  readonly #early = new Set<string>();
  #isSending = false;
  #isClosed = false;
  #repairedAt = -Infinity;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;
  #summaryTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #wants: EntryWants;
  readonly #lack: LackWatch;
  #hasSummarized = false;
  /** Whether the peer has said what it has. */
  #hasHeard = false;
  /** Whether entries could not be read from the store, so that the peer has to ask for them anew. */
  #hasDropped = false;

  constructor(peer: ExchangePeer, room: LocalRoom, store: RoomStore) {
    this.#peer = peer;
    this.#room = room;
    this.#store = store;
    room.replica.resume();
    this.#served = new ServedEntries(peer.key, room.replica, store);
    this.#lack = new LackWatch(room, () => this.#sendSummary());
    this.#wants = new EntryWants((hashes) => {
      if (this.#isOver || this.#role === undefined) return;
      peer.send({ type: "room-query", room: Uint8Array.fromHex(room.id), hashes });
    });
  }

  /** Says what is here, as soon as the peer may know it; once. */
  start(): void {
    if (this.#hasSummarized || this.#role === undefined || this.#room.state === "left") return;
    this.#sendSummary();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#summaryTimer);
    this.#wants.close();
    this.#lack.close();
    this.#queue = [];
  }

  /** Whether something waits to be sent or acknowledged. */
  get isBusy(): boolean {
    return this.#queue.length > 0 || this.#underWay.size > 0;
  }

  async onSummary(message: Parameters<SummaryReader["push"]>[0]): Promise<void> {
    const summary = this.#reader.push(message);
    if (summary === undefined) return;
    this.#hasHeard = true;
    this.#lack.onSummary(summary);
    this.#noteReceived(summary);
    // Whoever has left says what it has only if it is spoken to: it may be invited anew.
    if (this.#room.state === "left" && !this.#hasSummarized) this.#sendSummary(true);
    await this.#answer(summary);
  }

  /** Sends what the peer asks for, if it may have it. */
  async onQuery(hashes: readonly string[]): Promise<void> {
    if (this.#role === undefined) return;
    const found = await this.#store.find(this.#room.id, hashes);
    for (const { hash } of found) this.#remembered.delete(hash);
    this.#enqueue(found.map(({ number }) => number));
  }

  /** The peer has an entry. Returns whether it was one of this room. */
  onReceived(beginning: string): boolean {
    const sent = this.#underWay.get(beginning);
    if (sent === undefined) return false;
    this.#underWay.delete(beginning);
    this.#underWayBytes -= sent.bytes;
    this.#room.acknowledged(sent.stored.hash, this.#peer.key);
    void this.#send();
    return true;
  }

  /** The peer has sent an entry, so it has it. */
  hasSent(hash: string): void {
    this.#hasHeard = true; // so it knows the room
    this.#lack.onEntry();
    this.#remember(hash);
  }

  /** The peer has sent an entry that waits for others: it is acknowledged once it is stored. */
  hasSentEarly(hash: string): void {
    this.#early.add(hash);
    const [oldest] = this.#early;
    if (this.#early.size > MAX_REMEMBERED && oldest !== undefined) this.#early.delete(oldest);
  }

  /** An entry is stored, whoever has sent it last. */
  onStored(hash: string): void {
    if (!this.#early.delete(hash)) return;
    this.#peer.acknowledge(hash);
    this.hasSent(hash);
  }

  /** Sends an entry that is new here. */
  offer({ hash, number, isMembership }: StoredRoomEntry): void {
    if (!this.#hasHeard || this.#remembered.has(hash)) return; // the answer to a summary holds it
    if (isMembership || this.#role !== undefined) this.#enqueue([number]);
  }

  /** Says soon what is here. */
  summarizeSoon(): void {
    if (this.#summaryTimer !== undefined || this.#isOver || this.#role === undefined) return;
    const delay = Math.min(MAX_SUMMARY_DELAY_MS, SUMMARY_DELAY_MS * (this.#room.peers.length + 1));
    // Of two, one is first, and may spare the other.
    this.#summaryTimer = setTimeout(() => this.#sendSummary(), delay * (0.5 + Math.random()));
  }

  /** Asks for single entries: once for each, of whoever has sent what names them. */
  wantSoon(hashes: readonly string[]): void {
    this.#wants.add(hashes);
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#peer.isOver;
  }

  get #role(): ServedEntries["role"] {
    return this.#served.role;
  }

  #sendSummary(hasLeft = false): void {
    clearTimeout(this.#summaryTimer);
    this.#summaryTimer = undefined;
    if (this.#isOver || this.#role === undefined) return;
    if (this.#room.state === "left" && !hasLeft) return;
    this.#hasSummarized = true;
    for (const part of summarize(this.#room.replica)) this.#peer.send(part);
  }

  /** Sends what the peer lacks: membership first, then talk, each in its order. */
  async #answer(summary: RoomSummary): Promise<void> {
    const { replica, id } = this.#room;
    const { membership } = replica;
    const { key } = this.#peer;
    const removal = membership.removalOf(key);
    const { hashes, lacksNothing } = lackedMembership(replica, summary);
    if (this.#room.state === "left") {
      const left = hashes.filter((hash) => membership.get(hash)?.record.author === this.#room.own);
      return this.#enqueue(await this.#numbersOf(left));
    }
    if (this.#role === undefined) {
      // It is told of its removal, and of nothing behind that.
      if (removal === undefined) return;
      const told = hashes.filter((hash) => {
        const node = membership.get(hash);
        return node === removal || node !== undefined && membership.isBefore(node, removal);
      });
      return this.#enqueue(await this.#numbersOf(told));
    }
    this.#noteDelivered(summary);
    const differs = lacksNothing && summary.membershipHash !== membership.hash;
    const mayRepair = performance.now() - this.#repairedAt > REPAIR_INTERVAL_MS;
    if (differs && mayRepair) this.#repairedAt = performance.now();
    const all = differs && mayRepair ? membership.nodes.map(({ record }) => record.hash) : hashes;
    const lacked = await this.#numbersOf(all.filter((hash) => !this.#remembered.has(hash)));
    const wants = this.#role === "guest" ? [] : lackedTalk(replica, summary);
    const talk = wants.length === 0 ? [] : await this.#store.wanted(id, wants);
    if (wants.length === 0 && isSummaryOf(this.#room.replica, summary)) {
      // Both have the same, and the peer has just said so.
      clearTimeout(this.#summaryTimer);
      this.#summaryTimer = undefined;
    }
    const queued = new Set(this.#queue);
    this.#enqueue([...lacked, ...talk].filter((number) => !queued.has(number)));
  }

  async #numbersOf(hashes: readonly string[]): Promise<number[]> {
    if (hashes.length === 0) return [];
    const found = await this.#store.find(this.#room.id, hashes);
    return found.map(({ number }) => number).sort((one, other) => one - other);
  }

  /** Takes entries as received that the peer's summary has: those that waited there are not acknowledged. */
  #noteReceived({ rows }: RoomSummary): void {
    for (const [beginning, { stored }] of this.#underWay) {
      const row = rows.get(`${stored.author} ${stored.device}`);
      const next = stored.isMembership ? row?.nextMembership : row?.nextTalk;
      if (stored.count < (next ?? 0)) this.onReceived(beginning);
    }
  }

  /** The peer has the user's own messages up to here, from whomever. */
  #noteDelivered({ rows }: RoomSummary): void {
    const row = rows.get(this.#room.ownSlot);
    if (row !== undefined) this.#room.deliveries.receivedBelow(row.nextTalk, this.#peer.key);
  }

  #enqueue(numbers: readonly number[]): void {
    if (numbers.length === 0 || this.#isOver) return;
    this.#queue.push(...numbers);
    void this.#send();
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      while (this.#queue.length > 0 && !this.#isOver) {
        if (this.#underWayBytes >= WINDOW_BYTES) break;
        const page = this.#queue.splice(0, PAGE);
        const entries = await this.#store.get(page);
        const deleted = await this.#served.deletedAmong(entries);
        for (const stored of entries) this.#sendEntry(stored, deleted.has(stored));
        await this.#peer.written;
      }
    } catch (error) {
      this.#queue = [];
      this.#hasDropped = true;
      this.#watchAcks();
      this.#room.reportStoreFault(error);
    } finally {
      this.#isSending = false;
    }
  }

  #sendEntry(stored: StoredRoomEntry, isDeleted: boolean): void {
    const { hash } = stored;
    if (this.#remembered.has(hash) || this.#isOver || !this.#served.maySee(stored)) return;
    const { header, signature } = stored.entry;
    const entry = isDeleted ? { header, signature } : this.#served.withoutPast(stored);
    const bytes = entry.header.length + (entry.body?.length ?? 0);
    this.#remember(hash);
    this.#underWay.set(hash.slice(0, 16), { stored, bytes });
    this.#underWayBytes += bytes;
    this.#watchAcks(); // not for what is remembered: each summary would put the end of the wait off
    this.#peer.send({ type: "room-entry", entry });
  }

  #watchAcks(): void {
    clearTimeout(this.#ackTimer);
    if (this.#isOver) return;
    this.#ackTimer = setTimeout(() => {
      if (this.#peer.bufferedAmount > 0) return this.#peer.close(); // nobody reads any more
      if (this.#underWay.size === 0 && !this.#hasDropped) return;
      for (const { stored } of this.#underWay.values()) this.#remembered.delete(stored.hash);
      this.#underWay.clear();
      this.#underWayBytes = 0;
      this.#hasDropped = false;
      // If the peer lacks it and does not refuse it, it asks for it.
      this.#sendSummary();
      void this.#send();
    }, ACK_TIMEOUT_MS);
  }

  #remember(hash: string): void {
    this.#remembered.add(hash);
    const [oldest] = this.#remembered;
    if (this.#remembered.size > MAX_REMEMBERED && oldest !== undefined) {
      this.#remembered.delete(oldest);
    }
  }
}
