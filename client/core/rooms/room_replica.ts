import {
  createRoomEntry,
  encodeRoomBody,
  isMembershipKind,
  limits,
  type RoomBody,
  type RoomEntry,
  roomKinds,
} from "../../../protocol/mod.ts";
import { SerialQueue } from "../serial_queue.ts";
import { Membership } from "./membership.ts";
import type { MembershipNode } from "./membership_graph.ts";
import { notAllowedError } from "./room_checks.ts";
import {
  effectiveTime,
  isMembershipRecord,
  isRoomRecordValid,
  type MembershipRecord,
  readRoomRecord,
  type RoomRecord,
  storableEntry,
} from "./room_record.ts";
import type { RoomStore, StoredRoomEntry } from "../room_store.ts";
import { TalkLog, type TalkOutcome } from "./talk_log.ts";
import { WaitingEntries } from "./waiting_entries.ts";

/** An entry further ahead of the server's clock is kept back until it is not; and one over a day is refused. */
const MAX_AHEAD_MS = 5 * 60_000;
const MAX_HELD_MS = 24 * 60 * 60_000;
/** How many entries are kept back at once. */
const MAX_HELD = 64;

/** The outcome of taking an entry. */
export type Receipt = "stored" | "known" | "waiting" | "refused";

/** Talk that was added, or whose body has come. */
export type AddedTalk = Extract<TalkOutcome, { readonly type: "added" | "completed" }>;

/** The author of entries that are written here. */
export interface RoomWriter {
  readonly privateKey: Uint8Array;
  /** The public key. */
  readonly identity: Uint8Array;
  readonly device: Uint8Array;
}

export interface RoomReplicaHandlers {
  /** The time by the server's clock, in milliseconds since 1970. */
  now(): number;
  /** @param mayHaveVoided whether talk that came before may count differently now */
  onMembership(node: MembershipNode, stored: StoredRoomEntry, mayHaveVoided: boolean): void;
  onTalk(record: RoomRecord, outcome: AddedTalk): void;
}

/** This client's copy of one room: takes entries of others, and writes own ones. */
export class RoomReplica {
  readonly id: string;
  readonly membership: Membership;
  readonly log: TalkLog;
  readonly #store: RoomStore;
  readonly #handlers: RoomReplicaHandlers;
  readonly #queue = new SerialQueue();
  readonly #waiting: WaitingEntries;
  /** The date of the user's own newest entry in this run. */
  #lastAt = 0;
  readonly #held = new Map<string, ReturnType<typeof setTimeout>>();
  #isClosed = false;

  /** Opens a room that is stored; undefined if it has no first entry. */
  static async open(
    id: string,
    store: RoomStore,
    handlers: RoomReplicaHandlers,
  ): Promise<RoomReplica | undefined> {
    const stored = await store.membership(id);
    const records = stored.flatMap(({ entry }) => readRoomRecord(entry) ?? [])
      .filter(isMembershipRecord);
    const [first, ...rest] = records;
    if (first === undefined || first.hash !== id) return undefined;
    const membership = new Membership(first);
    for (const record of rest) if (membership.canAdd(record) === "added") membership.add(record);
    return new RoomReplica(id, store, handlers, membership, await TalkLog.open(id, store));
  }

  /** Begins a room with its first entry, whose signature is good; stores it. */
  static async begin(
    first: MembershipRecord,
    store: RoomStore,
    handlers: RoomReplicaHandlers,
  ): Promise<RoomReplica> {
    await store.add(first.hash, storableEntry(first, effectiveTime(first.header, [])));
    const log = await TalkLog.open(first.hash, store);
    return new RoomReplica(first.hash, store, handlers, new Membership(first), log);
  }

  private constructor(
    id: string,
    store: RoomStore,
    handlers: RoomReplicaHandlers,
    membership: Membership,
    log: TalkLog,
  ) {
    this.id = id;
    this.membership = membership;
    this.log = log;
    this.#store = store;
    this.#handlers = handlers;
    this.#waiting = new WaitingEntries((record, isTalkMissing) => {
      if (isTalkMissing) this.#later(record, true);
    });
  }

  /** How many entries wait for others, or for their time. */
  get waitingCount(): number {
    return this.#waiting.size + this.#held.size;
  }

  /** The entries for which one waits that has come. */
  missingOf(hash: string): string[] {
    return this.#waiting.missingOf(hash);
  }

  /** Forgets the oldest talk over the limits. */
  trim(): Promise<void> {
    return this.#queue.run(async () => {
      await this.#store.trim(this.id);
      await this.log.reload();
    });
  }

  /** Takes an entry of this room, after those that came before it. */
  receive(record: RoomRecord): Promise<Receipt> {
    return this.#queue.run(() => this.#take(record, false));
  }

  /** Takes an entry that another program of the same user has stored, unless it is known. */
  arrived(stored: StoredRoomEntry): Promise<void> {
    return this.#queue.run(() => this.#adopt(stored));
  }

  async #adopt(stored: StoredRoomEntry): Promise<void> {
    const record = readRoomRecord(stored.entry);
    if (record === undefined) return;
    if (isMembershipRecord(record)) {
      if (this.membership.canAdd(record) !== "added") return;
      this.#addMembership(record, stored);
    } else {
      if (this.log.has(record)) return;
      this.log.appended(record, stored.effective);
      const outcome = { type: "added", stored, hasReordered: false } as const;
      this.#handlers.onTalk(record, outcome);
    }
    for (const waiting of this.#waiting.arrived(record.hash)) await this.#take(waiting, false);
  }

  /** Writes an entry of the user's own. */
  write(body: RoomBody, writer: RoomWriter): Promise<StoredRoomEntry> {
    return this.#queue.run(() => this.#write(body, writer));
  }

  /** Lets entries wait for others again. */
  resume(): void {
    this.#isClosed = false;
  }

  /** Lets none wait until it is resumed, also of those that are being taken now. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
    for (const timer of this.#held.values()) clearTimeout(timer);
    this.#held.clear();
  }

  async #take(record: RoomRecord, isFinal: boolean): Promise<Receipt> {
    if (record.room !== this.id) return "refused";
    const ahead = record.header.at - this.#handlers.now();
    if (ahead > MAX_HELD_MS) return "refused";
    if (ahead > MAX_AHEAD_MS) return this.#hold(record, ahead - MAX_AHEAD_MS);
    const receipt = isMembershipRecord(record)
      ? await this.#takeMembership(record)
      : await this.#takeTalk(record, isFinal);
    if (receipt === "stored") {
      for (const waiting of this.#waiting.arrived(record.hash)) await this.#take(waiting, false);
    }
    return receipt;
  }

  async #takeMembership(record: MembershipRecord): Promise<Receipt> {
    const outcome = this.membership.canAdd(record);
    if (outcome === "known") return "known";
    if (outcome === "orphan") {
      return this.#wait(record, record.membership.filter((hash) => !this.membership.get(hash)));
    }
    if (outcome !== "added" || !isRoomRecordValid(record)) return "refused";
    const named = record.membership.map((hash) => this.membership.get(hash)?.effective ?? 0);
    const stored = await this.#store.add(
      this.id,
      storableEntry(record, effectiveTime(record.header, named)),
    ) ?? await this.log.find(record.hash);
    if (stored === undefined) return "refused";
    this.#addMembership(record, stored);
    return "stored";
  }

  #addMembership(record: MembershipRecord, stored: StoredRoomEntry): void {
    const mayHaveVoided = this.membership.add(record);
    const node = this.membership.get(record.hash);
    if (node !== undefined) this.#handlers.onMembership(node, stored, mayHaveVoided);
  }

  async #takeTalk(record: RoomRecord, isFinal: boolean): Promise<Receipt> {
    const nodes = record.membership.map((hash) => this.membership.get(hash));
    const missing = record.membership.filter((_, at) => nodes[at] === undefined);
    if (missing.length > 0) return this.#wait(record, missing);
    if (!this.membership.canCountTalk(record)) return "refused";
    if (!this.log.isNew(record)) {
      const known = await this.log.find(record.hash);
      const hasBody = known?.entry.body !== undefined || record.entry.body === undefined;
      if (known !== undefined && hasBody) return "known";
    }
    if (!isRoomRecordValid(record)) return "refused";
    const times = nodes.map((node) => node?.effective ?? 0);
    const outcome = await this.log.add(record, times, isFinal);
    switch (outcome.type) {
      case "waiting":
        return this.#wait(record, outcome.missing, true);
      case "known":
        return "known";
      case "dropped":
        return "refused";
      default:
        this.#handlers.onTalk(record, outcome);
        return "stored";
    }
  }

  #wait(record: RoomRecord, missing: readonly string[], isTalkMissing = false): Receipt {
    if (!this.#isClosed) this.#waiting.add(record, missing, isTalkMissing);
    return "waiting";
  }

  #hold(record: RoomRecord, delayMs: number): Receipt {
    if (this.#held.has(record.hash) || this.#isClosed) return "waiting";
    if (this.#held.size >= MAX_HELD) return "refused";
    const onTime = () => {
      this.#held.delete(record.hash);
      this.#later(record, false);
    };
    this.#held.set(record.hash, setTimeout(onTime, delayMs));
    return "waiting";
  }

  /** Takes an entry that has waited. An entry that can't be stored comes again with the next summary. */
  #later(record: RoomRecord, isFinal: boolean): void {
    this.#queue.run(() => this.#take(record, isFinal)).catch(() => {});
  }

  async #write(body: RoomBody, writer: RoomWriter): Promise<StoredRoomEntry> {
    const kind = body.type === "other" ? body.kind : roomKinds[body.type];
    const isMembership = isMembershipKind(kind);
    const membership = this.membership.namedBy(writer.identity.toHex(), body);
    const talk = isMembership ? [] : this.log.heads();
    const slot = {
      author: writer.identity.toHex(),
      device: writer.device.toHex(),
      isMembership,
    };
    const named = [...membership, ...talk].map(({ effective }) => effective);
    // Entries of one author within a millisecond stay in their order.
    const at = this.#lastAt = Math.max(Math.trunc(this.#handlers.now()), this.#lastAt + 1);
    let written: RoomRecord | undefined;
    const stored = await this.#store.append(this.id, slot, (count) => {
      const header = {
        room: Uint8Array.fromHex(this.id),
        author: writer.identity,
        device: writer.device,
        count,
        membership: ascending(membership.map(({ record }) => record.hash)),
        talk: ascending(talk.map(({ hash }) => hash)),
        at,
        kind,
      };
      written = recordOfOwn(writeEntry(header, body, writer.privateKey));
      this.#assertCounts(written);
      return storableEntry(written, effectiveTime(written.header, named));
    });
    if (written === undefined) throw new Error("expected an entry to be written");
    if (isMembershipRecord(written)) this.#addMembership(written, stored);
    else {
      this.log.appended(written, stored.effective);
      const outcome = {
        type: "added",
        stored,
        isContradiction: false,
        hasReordered: false,
      } as const;
      this.#handlers.onTalk(written, outcome);
    }
    return stored;
  }

  /** @throws {ClientError} `room-failed` if an entry of the user's own would count for nothing */
  #assertCounts(record: RoomRecord): void {
    const counts = isMembershipRecord(record)
      ? this.membership.canAdd(record) === "added"
      : this.membership.countsTalk(record);
    if (counts) return;
    throw notAllowedError(record, (user) => this.membership.roleOf(user));
  }
}

/** Writes the first entry of a room. */
export function writeFirstEntry(
  content: Pick<Extract<RoomBody, { type: "create" }>, "name" | "membersInvite" | "showsPast">,
  { privateKey, identity, device }: RoomWriter,
  now: number,
): RoomRecord {
  const header = {
    ...{ room: new Uint8Array(), author: identity, device, count: 0, membership: [], talk: [] },
    ...{ at: Math.trunc(now), kind: roomKinds.create },
  };
  return recordOfOwn(writeEntry(header, { type: "create", ...content }, privateKey));
}

/** Signs an entry of the user's own. */
function writeEntry(
  header: Parameters<typeof createRoomEntry>[0],
  body: RoomBody,
  privateKey: Uint8Array,
): RoomEntry {
  const salt = crypto.getRandomValues(new Uint8Array(limits.roomSaltBytes));
  return createRoomEntry(header, encodeRoomBody(body, salt), privateKey);
}

/** Reads an entry of the user's own, which can't be malformed. */
function recordOfOwn(entry: RoomEntry): RoomRecord {
  const record = readRoomRecord(entry);
  if (record === undefined) throw new Error("expected a well-formed entry of the own");
  return record;
}

function ascending(hashes: readonly string[]): Uint8Array[] {
  return hashes.toSorted().map((hash) => Uint8Array.fromHex(hash));
}
