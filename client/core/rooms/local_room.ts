import { limits, type RoomBody, type RoomPolicy } from "../../../protocol/mod.ts";
import { ClientError, storageError } from "../errors.ts";
import type { OnlineUser } from "../online_user.ts";
import { PublicKey } from "../public_key.ts";
import type { Room, RoomItem, RoomMember, RoomMessage, RoomPerson } from "../room.ts";
import type { FileInput, SendFileOptions, Transfer } from "../transfer.ts";
import { type Contact, keyInTable } from "../trust/mod.ts";
import { Deliveries } from "./deliveries.ts";
import type { MembershipNode } from "./membership_graph.ts";
import { OwnMembership } from "./own_membership.ts";
import { OwnTalk } from "./own_talk.ts";
import { assertMayWrite, assertRoomName } from "./room_checks.ts";
import { RoomHistory } from "./room_history.ts";
import type { RoomParts } from "./room_parts.ts";
import type { RoomRecord } from "./room_record.ts";
import { type AddedTalk, RoomReplica, type RoomReplicaHandlers } from "./room_replica.ts";
import { RoomReporter } from "./room_reporter.ts";
import type { StoredRoom, StoredRoomEntry } from "../room_store.ts";
import { TrimTimer } from "./trim_timer.ts";

/** Among how many of the last entries by time the newest arrival is looked for. */
const NEWEST_ENTRIES = 100;
/** How many devices a removal lists. */
const MAX_DEVICES = 64;

/** What the exchange with other members wants to know. */
export interface LocalRoomHandlers {
  /** An entry has come, or was written. */
  onEntry(room: LocalRoom, stored: StoredRoomEntry): void;
  /** Nothing of it is needed any more: the user has forgotten it. */
  onForgotten(room: LocalRoom): void;
}

/** A room as the user sees it. */
export class LocalRoom implements Room {
  readonly id: string;
  state: Room["state"];
  /** Whether the user has removed it: it is here until a member knows that the user has left. */
  isForgotten: boolean;
  readNumber: number;
  unread = 0;
  readonly deliveries: Deliveries;
  readonly replica: RoomReplica;
  readonly #parts: RoomParts;
  readonly #handlers: LocalRoomHandlers;
  readonly #history: RoomHistory;
  readonly #reporter: RoomReporter;
  readonly #talk: OwnTalk;
  readonly #membership: OwnMembership;
  /** The user's own key, in hex. */
  readonly own: string;
  #leaving: string | undefined;
  readonly #trimming: TrimTimer;
  #saved: Promise<void> = Promise.resolve();
  #isRemoved = false;

  /** Opens a stored room; undefined if nothing of it is there. */
  static async open(
    stored: StoredRoom,
    parts: RoomParts,
    handlers: LocalRoomHandlers,
  ): Promise<LocalRoom | undefined> {
    const opened: { room?: LocalRoom } = {};
    const replicaHandlers = handlersOf(parts, () => opened.room);
    const replica = await RoomReplica.open(stored.id, parts.store, replicaHandlers);
    if (replica === undefined) return undefined;
    const room = opened.room = new LocalRoom(stored, replica, parts, handlers);
    await room.#load(stored);
    return room;
  }

  private constructor(
    stored: StoredRoom,
    replica: RoomReplica,
    parts: RoomParts,
    handlers: LocalRoomHandlers,
  ) {
    this.id = stored.id;
    this.isForgotten = stored.state === "forgotten";
    const { state } = stored;
    this.state = state === "leaving" || state === "forgotten" ? "left" : state;
    this.readNumber = stored.readNumber;
    this.replica = replica;
    this.#parts = parts;
    this.#handlers = handlers;
    this.own = parts.writer.identity.toHex();
    this.#membership = new OwnMembership(
      replica.membership,
      this.own,
      (author) => parts.isIgnored(this.personOf(author)),
    );
    this.deliveries = new Deliveries((hash, key) => void this.#reporter.delivered(hash, key));
    const { own, deliveries, personOf } = this;
    const { store, isIgnored, files } = parts;
    this.#history = new RoomHistory({
      ...{ room: this, own, store, replica, deliveries, personOf, isIgnored },
      transferOf: (id) => files.find(id),
    });
    this.#reporter = new RoomReporter(this, parts, this.#history);
    this.#trimming = new TrimTimer(() => {
      replica.trim().catch((error) => this.reportStoreFault(error));
    });
    this.#talk = new OwnTalk(this.#history, (body) => this.#write(body));
  }

  get name(): string {
    return this.replica.membership.name;
  }

  get label(): string {
    return `#${this.#parts.isNameShared(this) ? this.taggedName : this.name}`;
  }

  /** The name that tells it apart from others of its name. */
  get taggedName(): string {
    return `${this.name}~${this.id.slice(0, 4)}`;
  }

  get topic(): string {
    return this.replica.membership.topic;
  }

  get policy(): RoomPolicy {
    return this.replica.membership.policy;
  }

  get role(): RoomMember["role"] | undefined {
    return this.replica.membership.roleOf(this.own);
  }

  get members(): RoomMember[] {
    return [...this.replica.membership.people()].map(({ user, role }) => ({
      ...this.personOf(user),
      role,
      isOnline: this.#parts.isOnline(user),
    }));
  }

  get invitedBy(): RoomPerson | undefined {
    const invitation = this.state === "invited" ? this.#membership.invitation : undefined;
    return invitation && this.personOf(invitation.record.author);
  }

  /** The keys of all other members, in hex. */
  get peers(): string[] {
    return [...this.replica.membership.people()]
      .flatMap(({ user, role }) => role === "guest" || user === this.own ? [] : [user]);
  }

  /** The user's own key and device, as summaries name them. */
  get ownSlot(): string {
    return `${this.own} ${this.#parts.writer.device.toHex()}`;
  }

  readonly personOf = (key: string): RoomPerson =>
    this.#parts.names.personOf(key, this.replica.membership.claimOf(key));

  /** Whether the user has left and no member knows of it yet. */
  get isLeaving(): boolean {
    return this.#leaving !== undefined;
  }

  /** Whether it turns out that the user has another key since the room was stored, and is no member. */
  async loseOtherKey(): Promise<boolean> {
    if (this.isForgotten) return false;
    const before = this.state;
    this.#updateState();
    await this.#saved.catch(() => {}); // an event has reported it
    return before !== "left" && this.#membership.isOfOtherKey;
  }

  /** The user's name or certificate is another: says so. */
  async renew(): Promise<void> {
    await this.#write({ type: "join", ...this.#parts.ownCredential() });
  }

  /** A member has an entry of the user's. */
  acknowledged(hash: string, key: string): void {
    this.deliveries.received(hash, key);
    if (hash !== this.#leaving) return;
    this.#leaving = undefined;
    (this.isForgotten ? this.#remove() : this.#save())
      .catch((error) => this.reportStoreFault(error));
  }

  send(text: string, options: Parameters<Room["send"]>[1] = {}): Promise<RoomMessage> {
    return this.#talk.say(text, options);
  }

  sendFile(input: FileInput, options: SendFileOptions = {}): Promise<Transfer> {
    return Promise.try(() => {
      if (this.state !== "joined") throw new ClientError("room-failed", { reason: "not-member" });
      return this.#parts.files.send(this, input, options);
    });
  }

  /** Says that files are offered. */
  async offer(offer: Uint8Array): Promise<void> {
    await this.#write({ type: "file", offer });
  }

  /** The newest entries, in the room's order. */
  newest(most: number): Promise<StoredRoomEntry[]> {
    return this.#parts.store.newest(this.id, most);
  }

  edit(id: string, text: string): Promise<void> {
    return this.#talk.edit(id, text);
  }

  delete(id: string): Promise<void> {
    return this.#talk.delete(id);
  }

  react(id: string, emoji: string, isOn = true): Promise<void> {
    return this.#talk.react(id, emoji, isOn);
  }

  async invite(guest: OnlineUser | Pick<Contact, "name" | "identity">): Promise<void> {
    const { name } = guest;
    const identity = "identity" in guest ? guest.identity : keyInTable(guest);
    if (identity === undefined || this.#parts.lacksRooms(identity)) {
      throw new ClientError("room-failed", { reason: "no-rooms-there", name });
    }
    const { membership } = this.replica;
    const role = membership.roleOf(new PublicKey(identity).toString());
    if (role !== undefined) throw new ClientError("room-failed", { reason: "already-member" });
    await this.#write({ type: "invite", identity, name });
  }

  async join(): Promise<void> {
    if (this.replica.membership.servedAs(this.own) !== "guest") {
      throw new ClientError("room-failed", { reason: "not-invited" });
    }
    await this.#write({ type: "join", ...this.#parts.ownCredential() });
  }

  async leave(): Promise<void> {
    const { hash } = await this.#write({ type: "leave" });
    if (this.peers.length === 0) return;
    this.#leaving = hash;
    await this.#save();
  }

  async remove(identity: Uint8Array): Promise<void> {
    const key = new PublicKey(identity).toString();
    if (this.replica.membership.roleOf(key) === undefined) {
      throw new ClientError("room-failed", { reason: "no-member" });
    }
    const devices = this.replica.log.lastCounts(key).slice(0, MAX_DEVICES);
    await this.#write({ type: "remove", identity, devices });
  }

  async setAdmin(identity: Uint8Array, isAdmin: boolean): Promise<void> {
    await this.#write({ type: "role", identity, isAdmin });
  }

  async set(
    change: Partial<RoomPolicy & { readonly name: string; readonly topic: string }>,
  ): Promise<void> {
    const { name, topic, policy: { membersInvite, showsPast } } = this;
    const body = { name, topic, membersInvite, showsPast, ...change };
    assertRoomName(body.name);
    const [length, limit] = [body.topic.length, limits.roomTopicUnits];
    if (length > limit) {
      throw new ClientError("room-failed", { reason: "topic-too-long", length, limit });
    }
    await this.#write({ type: "set", ...body });
  }

  history(options: Parameters<Room["history"]>[0] = {}): Promise<RoomItem[]> {
    return this.#history.newest(options);
  }

  search(words: string, most?: number): Promise<RoomMessage[]> {
    return this.#history.search(words, most);
  }

  find(id: string): Promise<RoomMessage | undefined> {
    return this.#history.find(id);
  }

  async markRead(): Promise<void> {
    const [newest] = (await this.#parts.store.newest(this.id, NEWEST_ENTRIES))
      .sort((one, other) => other.number - one.number);
    this.readNumber = Math.max(this.readNumber, newest?.number ?? 0);
    this.unread = await this.#countUnread();
    await this.#save();
  }

  async forget(): Promise<void> {
    if (this.state !== "left") await this.leave();
    if (!this.isLeaving) return await this.#remove();
    // The others are to learn it: what says who is a member stays until one of them has.
    this.isForgotten = true;
    await this.#save();
    await this.#parts.store.removeTalk(this.id);
  }

  async #remove(): Promise<void> {
    this.#isRemoved = true;
    this.#handlers.onForgotten(this);
    this.close();
    await this.#saved.catch(() => {});
    await this.#parts.store.removeRoom(this.id);
  }

  /** Another program of the same user has read the room up to here. */
  async readElsewhere(readNumber: number): Promise<void> {
    if (readNumber <= this.readNumber) return;
    this.readNumber = readNumber;
    this.unread = await this.#countUnread();
    this.#parts.events.emit({ type: "room-changed", room: this, what: "room" });
  }

  close(): void {
    this.#trimming.stop();
    this.replica.close();
  }

  /** An entry has come, or was written. */
  membershipCame(node: MembershipNode, stored: StoredRoomEntry, mayHaveVoided: boolean): void {
    if (node.record.body.type === "create") return this.#reporter.saw(stored);
    // Whoever is a member no more is given nothing, from this moment.
    queueMicrotask(() => this.#parts.files.membersChanged(this));
    const before = this.state;
    this.#updateState();
    this.#reporter.membershipCame(node, stored, { before, mayHaveVoided });
    this.#handlers.onEntry(this, stored);
  }

  talkCame(record: RoomRecord, outcome: AddedTalk): void {
    const { stored } = outcome;
    this.#trimming.count();
    if (record.author === this.own && record.device === this.#parts.writer.device.toHex()) {
      this.deliveries.add(stored.hash, record.header.count, this.peers);
    }
    this.#reporter.talkCame(record, outcome);
    this.#handlers.onEntry(this, stored);
  }

  reportStoreFault(error: unknown): void {
    this.#reporter.storeFault(error);
  }

  async #load({ state }: StoredRoom): Promise<void> {
    if (this.isForgotten) await this.#parts.store.removeTalk(this.id);
    if (state === "leaving" || state === "forgotten") {
      this.#leaving = this.#membership.recentLeave(this.#parts.now());
    }
    const [newest] = await this.#parts.store.newest(this.id, 1);
    if (newest !== undefined) this.#reporter.saw(newest);
    this.unread = await this.#countUnread();
  }

  #countUnread(): Promise<number> {
    return this.#parts.store.countBehind(this.id, this.readNumber, this.own);
  }

  async #write(body: RoomBody): Promise<StoredRoomEntry> {
    assertMayWrite(body, this.state);
    try {
      return await this.replica.write(body, this.#parts.writer);
    } catch (error) {
      throw storageError({ what: "changes" }, error);
    }
  }

  #updateState(): void {
    const { state } = this.#membership;
    if (state === this.state) return;
    this.state = state;
    this.#save().catch((error) => {
      this.#parts.events.emit({ type: "error", error: storageError({ what: "changes" }, error) });
    });
  }

  #save(): Promise<void> {
    const { id, readNumber } = this;
    const state = this.state !== "left" || !this.isLeaving
      ? this.state
      : this.isForgotten
      ? "forgotten"
      : "leaving";
    this.#saved = this.#saved.catch(() => {})
      .then(() =>
        this.#isRemoved ? undefined : this.#parts.store.saveRoom({ id, state, readNumber })
      );
    return this.#saved;
  }
}

function handlersOf(parts: RoomParts, room: () => LocalRoom | undefined): RoomReplicaHandlers {
  return {
    now: parts.now,
    onMembership: (node, stored, mayHaveVoided) =>
      room()?.membershipCame(node, stored, mayHaveVoided),
    onTalk: (record, outcome) => room()?.talkCame(record, outcome),
  };
}
