import { checkRoomName, limits, type RoomBody, type RoomPolicy } from "../../../protocol/mod.ts";
import { ClientError, storageError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";
import type { OnlineUser } from "../online_user.ts";
import { PublicKey } from "../public_key.ts";
import type { Room, RoomItem, RoomMember, RoomMessage, RoomPerson } from "../room.ts";
import type { FileInput, SendFileOptions, Transfer } from "../transfer.ts";
import { type Contact, keyInTable } from "../trust/mod.ts";
import { Deliveries } from "./deliveries.ts";
import type { MembershipNode } from "./membership_graph.ts";
import { RoomHistory } from "./room_history.ts";
import { noticeOf } from "./room_message.ts";
import type { RoomNames } from "./room_names.ts";
import { readRoomRecord, type RoomRecord } from "./room_record.ts";
import {
  type AddedTalk,
  RoomReplica,
  type RoomReplicaHandlers,
  type RoomWriter,
} from "./room_replica.ts";
import type { RoomStore, StoredRoom, StoredRoomEntry } from "../room_store.ts";

/** Among how many of the last entries by time the newest arrival is looked for. */
const NEWEST_ENTRIES = 100;

/** After how many entries, and how much later, the oldest over the limits are forgotten. */
const TRIM_EVERY = 1_000;
const TRIM_DELAY_MS = 5_000;

/** For how long the user's leaving is handed over. */
const LEAVING_LIFETIME_MS = 30 * 24 * 60 * 60_000;

/** The files that are offered in rooms. */
export interface OfferedFiles {
  send(room: LocalRoom, input: FileInput, options: SendFileOptions): Promise<Transfer>;
  /** The transfer that a message offers, if it is listed. */
  find(id: string): Transfer | undefined;
  /** An entry that offers files is here: lists its transfer. */
  came(room: LocalRoom, record: RoomRecord, stored: StoredRoomEntry): Transfer | undefined;
  /** The author of a message has deleted it. */
  withdrawn(id: string): void;
  membersChanged(room: LocalRoom): void;
}

/** What the rooms of one messenger share. */
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
  readonly ownCredential: () => Pick<Extract<RoomBody, { type: "join" }>, "name" | "credential">;
  /** Whether the user ignores somebody: then nothing of theirs is shown, and other members have it. */
  readonly isIgnored: (person: RoomPerson) => boolean;
  /** Whether another room has the same name. */
  readonly isNameShared: (room: Room) => boolean;
}

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
  /** The user's own key, in hex. */
  readonly own: string;
  /** The effective time of the latest entry so far: what comes before it is late. */
  #latest = 0;
  #leaving: string | undefined;
  #untrimmed = 0;
  #trimTimer: ReturnType<typeof setTimeout> | undefined;
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
    this.deliveries = new Deliveries((hash, key) => void this.#delivered(hash, key));
    const { own, deliveries, personOf } = this;
    const { store, isIgnored, files } = parts;
    const transferOf = (id: string) => files.find(id);
    this.#history = new RoomHistory(
      { room: this, own, store, replica, deliveries, personOf, isIgnored, transferOf },
    );
  }

  get name(): string {
    return this.replica.membership.name;
  }

  get label(): string {
    const tag = this.#parts.isNameShared(this) ? `~${this.id.slice(0, 4)}` : "";
    return `#${this.name}${tag}`;
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
    const { membership } = this.replica;
    if (this.state !== "invited") return undefined;
    const invitation = membership.invitationOf(this.own);
    return invitation && this.personOf(invitation.record.author);
  }

  /** The keys of all other members, in hex. */
  get peers(): string[] {
    return this.#members().filter((user) => user !== this.own);
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

  async send(
    text: string,
    { replyTo }: { readonly replyTo?: string | undefined } = {},
  ): Promise<RoomMessage> {
    if (text.trim() === "") throw new TypeError("expected a text that is not blank");
    const target = replyTo === undefined ? new Uint8Array() : Uint8Array.fromHex(replyTo);
    const stored = await this.#write({ type: "text", replyTo: target, text: fittingText(text) });
    const message = await this.find(stored.hash);
    if (message === undefined) throw new ClientError("room-failed", { reason: "no-message" });
    return message;
  }

  sendFile(input: FileInput, options: SendFileOptions = {}): Promise<Transfer> {
    return Promise.try(() => {
      if (this.state !== "joined") throw new ClientError("room-failed", { reason: "not-allowed" });
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

  async edit(id: string, text: string): Promise<void> {
    if (text.trim() === "") throw new TypeError("expected a text that is not blank");
    await this.#assertOwn(id);
    const [stored] = await this.#parts.store.find(this.id, [id]);
    if (stored !== undefined && readRoomRecord(stored.entry)?.body?.type === "file") {
      throw new ClientError("room-failed", { reason: "not-allowed" });
    }
    await this.#act("edit", id, fittingText(text));
  }

  async delete(id: string): Promise<void> {
    await this.#assertOwn(id);
    await this.#act("delete", id, "");
  }

  async react(id: string, emoji: string, isOn = true): Promise<void> {
    if (await this.find(id) === undefined) {
      throw new ClientError("room-failed", { reason: "no-message" });
    }
    const { length } = new TextEncoder().encode(emoji);
    if (length > limits.emojiBytes) {
      throw new ClientError("room-failed", {
        reason: "too-long",
        length,
        limit: limits.emojiBytes,
      });
    }
    await this.#act(isOn ? "react" : "unreact", id, emoji);
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
    if (this.role !== "guest") throw new ClientError("room-failed", { reason: "not-invited" });
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
    const devices = [...this.replica.log.spans()]
      .filter(({ author, oldest, next, beyond }) =>
        author === key && Math.max(next, ...beyond.map((count) => count + 1)) > oldest
      )
      .map(({ device, next, beyond }) => ({
        device: Uint8Array.fromHex(device),
        count: Math.max(next - 1, ...beyond),
      }))
      .sort((one, other) => one.device.toHex() < other.device.toHex() ? -1 : 1)
      .slice(0, MAX_DEVICES);
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
    if (body.topic.length > limits.roomTopicUnits) {
      const { length } = body.topic;
      throw new ClientError("room-failed", {
        ...{ reason: "too-long", length, limit: limits.roomTopicUnits },
      });
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
    clearTimeout(this.#trimTimer);
    this.replica.close();
  }

  /** Forgets what is too old or too much, when there is time. */
  #trimSoon(): void {
    clearTimeout(this.#trimTimer);
    this.#trimTimer = setTimeout(() => {
      this.replica.trim().catch((error) => this.reportStoreFault(error));
    }, TRIM_DELAY_MS);
  }

  /** An entry has come, or was written: says so. */
  membershipCame(node: MembershipNode, stored: StoredRoomEntry, mayHaveVoided: boolean): void {
    const { events } = this.#parts;
    const { author, body } = node.record;
    this.#latest = Math.max(this.#latest, stored.effective);
    if (body.type === "create") return;
    const { membership } = this.replica;
    // Whoever is a member no more is given nothing, from this moment.
    queueMicrotask(() => this.#parts.files.membersChanged(this));
    if (this.isForgotten) {
      this.#updateState();
      return this.#handlers.onEntry(this, stored);
    }
    if (membership.counts(node)) {
      const by = this.personOf(author);
      this.#updateState();
      switch (body.type) {
        case "join":
          if (membership.isFirstJoin(node)) {
            events.emit({ type: "room-joined", room: this, member: by });
          }
          break;
        case "leave":
          events.emit({ type: "room-left", room: this, member: by, by });
          break;
        case "remove": {
          const member = this.personOf(body.identity.toHex());
          events.emit({ type: "room-left", room: this, member, by });
          break;
        }
        case "invite":
          if (body.identity.toHex() === this.own && this.state === "invited") {
            events.emit({ type: "room-invited", room: this, by });
          }
      }
    }
    const isChange = body.type === "set" || body.type === "role";
    if (mayHaveVoided || isChange || body.type === "invite") {
      this.#updateState();
      const notice = isChange && membership.counts(node)
        ? noticeOf(stored, node.record, this.personOf, false)
        : undefined;
      const what = mayHaveVoided ? "history" : "room";
      events.emit({ type: "room-changed", room: this, what, notice });
    }
    this.#handlers.onEntry(this, stored);
  }

  talkCame(record: RoomRecord, outcome: AddedTalk): void {
    const { stored, hasReordered } = outcome;
    const isLate = stored.effective < this.#latest;
    this.#latest = Math.max(this.#latest, stored.effective);
    if (++this.#untrimmed % TRIM_EVERY === 0) this.#trimSoon();
    const { deliveries, replica } = this;
    if (record.author === this.own && record.device === this.#parts.writer.device.toHex()) {
      deliveries.add(stored.hash, record.header.count, this.peers);
    }
    const isShown = replica.membership.countsTalk(record) &&
      !this.#history.isIgnored(record.author);
    if (isShown) this.#tell(record, stored, isLate);
    if (hasReordered) {
      this.#parts.events.emit({ type: "room-changed", room: this, what: "history" });
    }
    this.#handlers.onEntry(this, stored);
  }

  reportStoreFault(error: unknown): void {
    this.#parts.events.emit({ type: "error", error: storageError({ what: "contents" }, error) });
  }

  #tell(
    record: RoomRecord,
    stored: StoredRoomEntry,
    isLate: boolean,
  ): void {
    const { events } = this.#parts;
    const { body } = record;
    if (body?.type === "action") return void this.#tellAction(record.author, body);
    if (body?.type !== "text" && body?.type !== "file") return;
    const offered = this.#parts.files.came(this, record, stored);
    const message = this.#history.messageOf(record, stored, [], isLate);
    if (message.direction === "incoming") this.unread++;
    const type = message.direction === "incoming" ? "room-message" : "room-sent";
    events.emit({ type, room: this, message });
    if (offered?.direction !== "incoming") return;
    events.emit({ type: "file-offered", transfer: offered });
    void this.#withdrawIfDeleted(message.id);
  }

  /** The delete may have come before the offer. */
  async #withdrawIfDeleted(id: string): Promise<void> {
    const message = await this.find(id).catch(() => undefined);
    if (message?.isDeleted) this.#parts.files.withdrawn(id);
  }

  /** An edit or delete by somebody else than the author is none; one of what is not here yet comes with it. */
  async #tellAction(author: string, body: Extract<RoomBody, { type: "action" }>): Promise<void> {
    const { events } = this.#parts;
    const { action, text } = body;
    try {
      const message = await this.find(body.target.toHex());
      const isAuthors = message?.author.identity.toString() === author;
      if (message === undefined || !isAuthors && (action === "edit" || action === "delete")) return;
      const by = this.personOf(author);
      if (message.transfer !== undefined) {
        if (action === "edit") return;
        if (action === "delete") this.#parts.files.withdrawn(message.id);
      }
      events.emit({ type: "room-action", room: this, action, by, message, text });
    } catch (error) {
      this.reportStoreFault(error);
    }
  }

  async #delivered(hash: string, key: string): Promise<void> {
    try {
      const message = await this.find(hash);
      if (message === undefined) return;
      const member = this.personOf(key);
      this.#parts.events.emit({ type: "room-delivered", room: this, message, member });
    } catch (error) {
      this.reportStoreFault(error);
    }
  }

  async #load({ state }: StoredRoom): Promise<void> {
    if (this.isForgotten) await this.#parts.store.removeTalk(this.id);
    if (state === "leaving" || state === "forgotten") this.#leaving = this.#ownLeave();
    const [newest] = await this.#parts.store.newest(this.id, 1);
    this.#latest = newest?.effective ?? 0;
    this.unread = await this.#countUnread();
  }

  /** The entry by which the user has left, unless that was long ago. */
  #ownLeave(): string | undefined {
    const own = this.replica.membership.nodes.map(({ record }) => record)
      .filter(({ author, body }) => author === this.own && body.type === "leave").at(-1);
    const isRecent = own !== undefined && this.#parts.now() - own.header.at < LEAVING_LIFETIME_MS;
    return isRecent ? own.hash : undefined;
  }

  #countUnread(): Promise<number> {
    return this.#parts.store.countBehind(this.id, this.readNumber, this.own);
  }

  #members(): string[] {
    return [...this.replica.membership.people()].filter(({ role }) => role !== "guest")
      .map(({ user }) => user);
  }

  async #write(body: RoomBody): Promise<StoredRoomEntry> {
    try {
      return await this.replica.write(body, this.#parts.writer);
    } catch (error) {
      throw storageError({ what: "changes" }, error);
    }
  }

  async #act(
    action: Extract<RoomBody, { type: "action" }>["action"],
    id: string,
    text: string,
  ): Promise<void> {
    await this.#write({ type: "action", action, target: Uint8Array.fromHex(id), text });
  }

  async #assertOwn(id: string): Promise<void> {
    const message = await this.find(id);
    if (message?.direction === "outgoing") return;
    throw new ClientError("room-failed", { reason: "no-message" });
  }

  #updateState(): void {
    const { role } = this;
    const state =
      role === undefined || role === "guest" && this.own === this.replica.membership.owner
        ? "left"
        : role === "guest"
        ? "invited"
        : "joined";
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

/** How many devices a removal lists. */
const MAX_DEVICES = 64;

function handlersOf(parts: RoomParts, room: () => LocalRoom | undefined): RoomReplicaHandlers {
  return {
    now: parts.now,
    onMembership: (node, stored, mayHaveVoided) =>
      room()?.membershipCame(node, stored, mayHaveVoided),
    onTalk: (record, outcome) => room()?.talkCame(record, outcome),
  };
}

/** @throws {ClientError} `room-failed` */
export function assertRoomName(name: string): void {
  const check = checkRoomName(name);
  if (!check.ok) {
    throw new ClientError("room-failed", { reason: "invalid-name", why: check.reason });
  }
}

/** @throws {ClientError} `room-failed` if a text is too long */
export function fittingText(text: string): string {
  if (text.length <= limits.textBytes) return text;
  const { length } = text;
  throw new ClientError("room-failed", { reason: "too-long", length, limit: limits.textBytes });
}
