import {
  confusableKey,
  hasCapability,
  plainAddress,
  type RoomEntry,
  type RoomPolicy,
  type WatchedItem,
} from "../../../protocol/mod.ts";
import type { CallScreener } from "../calls/mod.ts";
import type { Components } from "../components.ts";
import { ClientError, storageError } from "../errors.ts";
import type { FileTransfers } from "../files/mod.ts";
import type { IdentityKeys } from "../identity_keys.ts";
import { clientLimits } from "../limits.ts";
import type { SecureConnection } from "../peer/mod.ts";
import type { Room, RoomPerson, Rooms } from "../room.ts";
import { keyInTable, type Pins } from "../trust/mod.ts";
import { EntryIntake } from "./entry_intake.ts";
import { INVITATION_RATE } from "./invitation_rate.ts";
import { KeyBudgets } from "./key_budgets.ts";
import { otherKeyError } from "./own_membership.ts";
import { LocalRoom, type LocalRoomHandlers } from "./local_room.ts";
import { Lobby } from "./lobby.ts";
import { LobbyPeers } from "./lobby_peers.ts";
import { membersToWatch, peersToLink } from "./peers_to_link.ts";
import { assertRoomName } from "./room_checks.ts";
import { RoomExchange } from "./room_exchange.ts";
import { RoomFiles } from "./room_files.ts";
import { RoomLinks } from "./room_links.ts";
import type { RoomLink, RoomSummaryMessage } from "./room_link.ts";
import { RoomNames } from "./room_names.ts";
import type { RoomParts } from "./room_parts.ts";
import { isRemovalOf, storableEntry } from "./room_record.ts";
import { writeFirstEntry } from "./room_replica.ts";
import type { RoomStore, StoredRoom, StoredRoomEntry } from "../room_store.ts";
import { StoreWatch } from "./store_watch.ts";

/** How soon changes of rooms and of who is online have members dialed. */
const UPDATE_DELAY_MS = 50;
const IDLE_CHECK_INTERVAL_MS = 60_000;

export interface RoomComponents extends Pick<Components, "events" | "network" | "signaling"> {
  readonly keys: IdentityKeys;
  readonly privateKey: Uint8Array;
  readonly store: RoomStore;
  readonly pins: Pins;
  readonly files: FileTransfers;
  readonly screener: Pick<CallScreener, "isIgnored" | "admitsInvitation">;
  /** The user has joined the lobby, or has left it: the server and peers are to learn it. */
  readonly onLobby: (isInLobby: boolean) => void;
}

/** All rooms of a user, and what goes between their members. */
export class RoomManager implements Rooms, LocalRoomHandlers {
  readonly #components: RoomComponents;
  readonly #rooms = new Map<string, LocalRoom>();
  readonly #opening = new Map<string, Promise<LocalRoom>>();
  readonly #links: RoomLinks;
  readonly #files: RoomFiles;
  readonly #intake: EntryIntake;
  readonly #watch: StoreWatch;
  readonly lobby: Lobby;
  readonly #own: string;
  readonly #invitations = new KeyBudgets(INVITATION_RATE);
  readonly #lobbyPeers: LobbyPeers;
  #parts: RoomParts | undefined;
  #ready: Promise<void> | undefined;
  #updateTimer: ReturnType<typeof setTimeout> | undefined;
  #idleTimer: ReturnType<typeof setInterval> | undefined;

  constructor(components: RoomComponents) {
    this.#components = components;
    const { events, keys } = components;
    this.#own = keys.identity.toString();
    this.#intake = new EntryIntake({
      ...{ events, own: this.#own, rooms: this.#rooms, now: this.#now },
      store: components.store,
      pins: components.pins,
      screener: components.screener,
      invitations: this.#invitations,
      isIgnored: (key, claim) => this.#isIgnored(this.#assertParts().names.personOf(key, claim)),
      open: (id, state) => this.#open(id, state),
      onForgotten: (room) => this.onForgotten(room),
      refresh: (link) => this.#refresh(link),
    });
    this.#links = new RoomLinks(
      components,
      {
        onEntry: (link, entry) => this.#takeEntry(link, entry),
        onSummary: (link, summary) => this.#takeSummary(link, summary),
        onQuery: async (link, room, hashes) => await link.exchanges.get(room)?.onQuery(hashes),
        onFile: (link, message) => this.#files.heard(link, message),
        onEnd: () => this.#updateSoon(),
      },
      (key) => this.#isInRoom(key),
      (link) => {
        this.#refresh(link);
        if (this.#isLobbyLink(link)) this.lobby.greet(link);
        this.#files.opened(link);
      },
    );
    this.#files = new RoomFiles({
      ...{ events, files: components.files, links: this.#links },
      rooms: () => this.#local,
      onWanted: () => this.#updateSoon(),
    });
    this.lobby = new Lobby({
      ...{ events, signaling: components.signaling, privateKey: components.privateKey },
      names: new RoomNames(components.pins, components.signaling, keys.identity),
      identity: keys.identity,
      isIgnored: (name, identity) => this.#isIgnored({ name, identity }),
      people: () => this.#lobbyPeers.all,
      links: () => this.#links.all.filter((link) => this.#isLobbyLink(link)),
      onChange: () => this.#changeLobby(),
    });
    this.#lobbyPeers = new LobbyPeers(components, this.#own, this.lobby);
    events.on("user-reachable", ({ user }) => {
      const key = keyInTable(user)?.toHex();
      if (key === undefined) return;
      const isInLobby = this.lobby.state === "joined" &&
        hasCapability(user.details?.capabilities ?? 0, "lobby");
      if (isInLobby || this.#isInRoom(key)) {
        this.#links.reachable(key);
        this.#updateSoon();
      }
    });
    events.on("logged-in", () => {
      this.#watch.start();
      this.#updateSoon();
    });
    this.#watch = new StoreWatch(components.store, {
      onRooms: (rooms) => this.#roomsStored(rooms),
      onEntries: async (entries) => {
        for (const entry of entries) await this.#rooms.get(entry.room)?.replica.arrived(entry);
      },
    });
  }

  get all(): Room[] {
    return this.lobby.state === "joined" ? [...this.#shown, this.lobby] : this.#shown;
  }

  /** Whom to watch at a server that tells only of these. */
  watched(): Iterable<WatchedItem> {
    return membersToWatch(this.#local, this.#own);
  }

  get #local(): LocalRoom[] {
    return [...this.#rooms.values()];
  }

  get #shown(): LocalRoom[] {
    return this.#local.filter(({ isForgotten }) => !isForgotten);
  }

  [Symbol.iterator](): Iterator<Room> {
    return this.all[Symbol.iterator]();
  }

  get ready(): Promise<void> {
    this.#ready ??= this.#load().catch((error) => {
      this.#ready = undefined;
      throw storageError({ what: "contents" }, error);
    });
    return this.#ready;
  }

  get(id: string): Room | undefined {
    return id === this.lobby.id && id !== ""
      ? this.lobby
      : this.#shown.find((room) => room.id === id);
  }

  named(name: string): Room[] {
    const bare = confusableKey(name.replace(/^#/, ""));
    if (bare === this.lobby.name) return [this.lobby];
    return this.#shown.filter((room) =>
      confusableKey(room.name) === bare || confusableKey(room.taggedName) === bare
    );
  }

  async create(name: string, policy: Partial<RoomPolicy> = {}): Promise<Room> {
    await this.ready;
    const { writer } = this.#assertParts();
    assertRoomName(name);
    const { membersInvite = false, showsPast = true } = policy;
    const record = writeFirstEntry({ name, membersInvite, showsPast }, writer, this.#now());
    const { store } = this.#components;
    try {
      await store.saveRoom({ id: record.hash, state: "joined", readNumber: 0 });
      await store.add(record.hash, storableEntry(record, record.header.at));
    } catch (error) {
      throw storageError({ what: "changes" }, error);
    }
    const room = await this.#open(record.hash, "joined");
    await room.renew();
    return room;
  }

  /** A peer has called for rooms alone. */
  called(connection: SecureConnection): void {
    const { name, identity } = connection.peer;
    const address = plainAddress(connection.remote.hostname);
    if (this.#components.screener.isIgnored({ name, address, identity })) {
      return connection.refuse();
    }
    const isInLobby = hasCapability(connection.peer.capabilities, "lobby");
    if (isInLobby && this.lobby.state === "joined") this.#lobbyPeers.add(identity.toString());
    this.ready.then(() => this.#links.accept(connection), () => connection.refuse());
  }

  onEntry(room: LocalRoom, stored: StoredRoomEntry): void {
    const isOwn = `${stored.author} ${stored.device}` === room.ownSlot;
    const isGossip = room.peers.length >= clientLimits.roomMeshMembers;
    if (stored.isMembership) { for (const link of this.#links.all) this.#refresh(link); }
    for (const link of this.#links.all) {
      const exchange = link.exchanges.get(room.id);
      exchange?.onStored(stored.hash);
      const isSent = isOwn || isGossip || isRemovalOf(stored, link.key);
      if (isSent) exchange?.offer(stored);
      // Whoever has joined may have what was said before.
      if (!isSent || stored.isMembership) exchange?.summarizeSoon();
    }
    if (isOwn) {
      const { peers, guests } = this.#peersOf(room);
      for (const key of [...peers, ...guests]) this.#links.wake(key);
    }
    if (stored.isMembership) this.#updateSoon();
  }

  onForgotten(room: LocalRoom): void {
    this.#rooms.delete(room.id);
    // The other ends remember what is here no more.
    for (const link of this.#links.all) if (link.exchanges.has(room.id)) link.close();
    this.#updateSoon();
  }

  /** Closes all links, once what was sent is written. */
  async close(): Promise<void> {
    clearTimeout(this.#updateTimer);
    this.#lobbyPeers.clear();
    clearInterval(this.#idleTimer);
    this.#watch.stop();
    this.#updateTimer = this.#idleTimer = undefined;
    this.#intake.clear();
    await this.#links.close();
    for (const room of this.#local) room.close();
  }

  readonly #now = (): number => this.#components.signaling.provenServer?.serverTime ?? Date.now();

  async #load(): Promise<void> {
    const { store, signaling, keys, privateKey, events, pins } = this.#components;
    const names = new RoomNames(pins, signaling, keys.identity);
    const device = await store.device();
    this.#parts = {
      ...{ events, store, names, files: this.#files, invitations: this.#invitations },
      lacksRooms: (identity) => this.#links.lacksRooms(identity.toHex()),
      writer: { privateKey, identity: keys.identity, device },
      now: this.#now,
      isOnline: (key) => key === this.#own ? signaling.isOnline : this.#links.isOnline(key),
      ownCredential: () => {
        const { name, credential } = signaling;
        return credential === undefined ? { name } : { name, credential };
      },
      isIgnored: (person) => this.#isIgnored(person),
      isNameShared: (room) =>
        this.#shown.some((other) =>
          other !== room && confusableKey(other.name) === confusableKey(room.name) &&
          (room.state === "left" || other.state !== "left")
        ),
    };
    await this.#watch.begin();
    const lost: LocalRoom[] = [];
    try {
      for (const stored of await store.rooms()) {
        if (this.#rooms.has(stored.id)) continue;
        const room = await LocalRoom.open(stored, this.#parts, this);
        if (room === undefined) continue;
        // Whoever is to learn of the leave may never come.
        if (room.isForgotten && !room.isLeaving) await room.forget();
        else {
          this.#rooms.set(room.id, room);
          if (await room.loseOtherKey()) lost.push(room);
        }
      }
    } finally {
      if (lost.length > 0) events.emit({ type: "error", error: otherKeyError(lost) });
    }
    this.#updateSoon();
  }

  /** Other programs of the same user may have made rooms, or read what was said. */
  async #roomsStored(rooms: readonly StoredRoom[]): Promise<void> {
    for (const { id, state, readNumber } of rooms) {
      const known = this.#rooms.get(id);
      await known?.readElsewhere(readNumber);
      if (known !== undefined || state === "forgotten" || state === "leaving") continue;
      const room = await this.#open(id, state).catch(() => undefined); // its entries may come yet
      const { invitedBy: by } = room ?? {};
      if (room === undefined || by === undefined) continue;
      this.#components.events.emit({ type: "room-invited", room, by });
    }
  }

  /** Opens a room, unless that is being done already. */
  #open(id: string, state: LocalRoom["state"]): Promise<LocalRoom> {
    const opening = this.#opening.get(id) ??
      this.#openStored(id, state).finally(() => this.#opening.delete(id));
    this.#opening.set(id, opening);
    return opening;
  }

  async #openStored(id: string, state: LocalRoom["state"]): Promise<LocalRoom> {
    const room = await LocalRoom.open({ id, state, readNumber: 0 }, this.#assertParts(), this);
    if (room === undefined) throw new Error("expected a room that is stored");
    this.#rooms.set(id, room);
    for (const link of this.#links.all) this.#refresh(link);
    this.#updateSoon();
    return room;
  }

  #assertParts(): RoomParts {
    if (this.#parts !== undefined) return this.#parts;
    throw new ClientError("room-failed", { reason: "no-identity" });
  }

  #isInRoom(key: string): boolean {
    return this.#lobbyPeers.has(key) ||
      this.#local.some((room) => room.replica.membership.servedAs(key) !== undefined);
  }

  /** Whether both ends of a link are in the lobby. */
  #isLobbyLink({ connection }: RoomLink): boolean {
    return this.lobby.state === "joined" && hasCapability(connection.peer.capabilities, "lobby");
  }

  /** The user has joined the lobby, or has left it: all links introduce themselves anew. */
  #changeLobby(): void {
    const isIn = this.lobby.state === "joined";
    this.#lobbyPeers.clear();
    this.#components.onLobby(isIn);
    for (const link of this.#links.all) link.close();
    this.#updateSoon();
  }

  /** Begins to exchange the rooms that both ends of a link are in. */
  #refresh(link: RoomLink): void {
    for (const room of this.#local) {
      const { membership } = room.replica;
      const isIn = membership.servedAs(link.key) !== undefined ||
        membership.removalOf(link.key) !== undefined;
      if (!isIn) continue;
      link.exchanges.getOrInsertComputed(
        room.id,
        () => new RoomExchange(link, room, this.#components.store),
      ).start();
    }
  }

  async #takeSummary(link: RoomLink, summary: RoomSummaryMessage): Promise<void> {
    if (summary.room.toHex() !== this.lobby.id) return await this.#intake.summarized(link, summary);
    if (this.#isLobbyLink(link)) this.lobby.onSummary(link, summary);
  }

  async #takeEntry(link: RoomLink, entry: RoomEntry): Promise<void> {
    if (!this.lobby.isOwn(entry)) return await this.#intake.take(link, entry);
    if (this.#isLobbyLink(link)) await this.lobby.take(link, entry);
  }

  /** Whether a key is ignored, wherever it is. */
  #isIgnored({ name, identity }: Pick<RoomPerson, "name" | "identity">): boolean {
    return this.#components.screener.isIgnored({ name, address: "", identity });
  }

  /** With whom a room is to be linked. Nobody who is ignored is dialed: what they say comes from others. */
  #peersOf(room: LocalRoom): ReturnType<typeof peersToLink> {
    const now = this.#now();
    const { peers, guests } = peersToLink(room, this.#own, (key) => this.#links.isOnline(key), now);
    const isWanted = (key: string) => !this.#isIgnored(room.personOf(key));
    return { peers: peers.filter(isWanted), guests: guests.filter(isWanted) };
  }

  #updateSoon(): void {
    if (!this.#components.signaling.isOnline) return;
    this.#updateTimer ??= setTimeout(() => {
      this.#updateTimer = undefined;
      this.#update();
    }, UPDATE_DELAY_MS);
  }

  #update(): void {
    this.#idleTimer ??= setInterval(() => this.#links.closeIdle(), IDLE_CHECK_INTERVAL_MS);
    const rooms = this.#local.map((room) => this.#peersOf(room));
    const lobby = this.lobby.state === "joined" ? this.#lobbyPeers.draw(this.#now()) : [];
    this.#links.want(
      new Set([...rooms.flatMap(({ peers }) => peers), ...lobby, ...this.#files.wanted]),
      new Set(rooms.flatMap(({ guests }) => guests)),
    );
  }
}
