import { lobbyRoomOf, type RoomEntry, type RoomPolicy } from "../../../protocol/mod.ts";
import type { RoomSummaryRow } from "../../../protocol/mod.ts";
import { ClientError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";
import { PublicKey } from "../public_key.ts";
import type { Room, RoomItem, RoomMember, RoomMessage, RoomPerson } from "../room.ts";
import type { Signaling } from "../signaling.ts";
import { fittingText } from "./room_checks.ts";
import { KeyBudgets } from "./key_budgets.ts";
import { LobbyEntries, type LobbyEntry, writeLobbyEntry } from "./lobby_entries.ts";
import type { RoomLink, RoomSummaryMessage } from "./room_link.ts";
import type { RoomNames } from "./room_names.ts";
import { wordMatcher } from "./word_search.ts";

/** How many entries are read of one peer, over all links with it. */
const PEER_RATE = { burst: 50, perSecond: 5 };
/** How many are taken of one author, over all links. */
const AUTHOR_RATE = { burst: 50, perSecond: 1 };
/** Messages that others pass on may have been on their way for so long, and then come at once. */
const MAX_DELAY_SECONDS = 20;
/** How long nothing is read of an author who has said too much. */
const OVER_BUDGET_PAUSE_MS = 1_000;
/** How much a newcomer to a link is sent of the last hour. */
const MAX_PAST = 50;
/** How many of the user's own messages that went to nobody yet are remembered. */
const MAX_UNSENT = 1_000;

/** The parts of a link that the lobby uses. */
export type LobbyLink = Pick<RoomLink, "key" | "send" | "pause">;

export interface LobbyParts {
  readonly events: EventBus;
  readonly signaling: Signaling;
  readonly names: RoomNames;
  readonly privateKey: Uint8Array;
  readonly identity: PublicKey;
  readonly isIgnored: (name: string, identity: PublicKey) => boolean;
  /** The keys of all who are in the lobby, in hex, as the table says. */
  readonly people: () => Iterable<string>;
  /** The links over which entries of the lobby may go. */
  readonly links: () => readonly LobbyLink[];
  /** The user has joined or left: the server is told. */
  readonly onChange: () => void;
}

/**
 * Everybody at this server who has joined it, and what they have said in the last hour; in memory alone.
 * Nobody is removed from it: whom one ignores says nothing, and is not passed on.
 */
export class Lobby implements Room {
  readonly name = "lobby";
  readonly label = "#lobby";
  readonly topic = "";
  readonly policy: RoomPolicy = { membersInvite: false, showsPast: true };
  readonly invitedBy = undefined;
  state: Room["state"] = "left";
  unread = 0;
  readNumber = 0;
  readonly #parts: LobbyParts;
  readonly #entries = new LobbyEntries();
  readonly #device = crypto.getRandomValues(new Uint8Array(8));
  readonly #peers = new KeyBudgets(PEER_RATE);
  readonly #authors = new KeyBudgets(AUTHOR_RATE);
  /** The user's own entries that were sent to nobody yet, by their hashes. */
  readonly #unsent = new Map<string, PromiseWithResolvers<void>>();
  #count = 0;
  #lastAt = 0;

  constructor(parts: LobbyParts) {
    this.#parts = parts;
  }

  get id(): string {
    const { provenServer } = this.#parts.signaling;
    return provenServer === undefined ? "" : lobbyRoomOf(provenServer.serverKey).toHex();
  }

  get role(): RoomMember["role"] | undefined {
    return this.state === "joined" ? "member" : undefined;
  }

  get members(): RoomMember[] {
    if (this.state !== "joined") return [];
    const own = this.#parts.identity.toString();
    const keys = new Set([own, ...this.#parts.people()]);
    const names = new Map(this.#all().map((entry) => [entry.author, entry.said]));
    return [...keys].map((key) => ({
      ...this.#parts.names.personOf(key, names.get(key)),
      role: "member",
      isOnline: true,
    }));
  }

  send(
    text: string,
    { replyTo }: { readonly replyTo?: string | undefined } = {},
  ): Promise<RoomMessage> {
    return Promise.try(() => {
      if (text.trim() === "") throw new TypeError("expected a text that is not blank");
      const { signaling, identity, privateKey, events } = this.#parts;
      const { provenServer, credential, name } = signaling;
      if (this.state !== "joined") throw new ClientError("room-failed", { reason: "not-member" });
      if (provenServer === undefined || !credential?.certificate) {
        throw new ClientError("room-failed", { reason: "not-allowed" });
      }
      this.#lastAt = Math.max(Math.trunc(provenServer.serverTime), this.#lastAt + 1);
      const header = {
        room: Uint8Array.fromHex(this.id),
        author: identity,
        device: this.#device,
        count: this.#count++,
        talk: this.#entries.heads(),
        at: this.#lastAt,
      };
      const target = replyTo === undefined ? new Uint8Array() : Uint8Array.fromHex(replyTo);
      const said = { name, credential, replyTo: target, text: fittingText(text) };
      const read = this.#entries.read(writeLobbyEntry(header, said, privateKey), provenServer);
      if (read === undefined || !this.#entries.add(read, provenServer.serverTime)) {
        throw new ClientError("room-failed", { reason: "not-allowed" });
      }
      this.#unsent.set(read.hash, Promise.withResolvers());
      const [oldest] = this.#unsent.keys();
      if (this.#unsent.size > MAX_UNSENT && oldest !== undefined) this.#unsent.delete(oldest);
      const message = this.#messageOf(read);
      this.#passOn(read);
      events.emit({ type: "room-sent", room: this, message });
      return message;
    });
  }

  join(): Promise<void> {
    return Promise.try(() => {
      const { provenServer } = this.#parts.signaling;
      if (provenServer === undefined) {
        throw new ClientError("invalid-state", { reason: "not-logged-in" });
      }
      // If the server certifies nobody, nobody could say anything.
      if (provenServer.hasNoLobby || provenServer.isUncertified) {
        throw new ClientError("room-failed", { reason: "no-lobby" });
      }
      if (this.state === "joined") return;
      this.state = "joined";
      this.#parts.onChange();
      const member = this.#parts.names.personOf(this.#parts.identity.toString(), undefined);
      this.#parts.events.emit({ type: "room-joined", room: this, member });
    });
  }

  leave(): Promise<void> {
    if (this.state === "joined") {
      this.state = "left";
      this.#entries.clear();
      this.#unsent.clear();
      this.#authors.clear(); // what they have said is to come again
      this.unread = 0;
      this.#parts.onChange();
      const member = this.#parts.names.personOf(this.#parts.identity.toString(), undefined);
      this.#parts.events.emit({ type: "room-left", room: this, member, by: member });
    }
    return Promise.resolve();
  }

  forget(): Promise<void> {
    return this.leave();
  }

  history(
    { most = 100, before }: {
      readonly most?: number | undefined;
      readonly before?: Pick<RoomItem, "id" | "time"> | undefined;
    } = {},
  ): Promise<RoomItem[]> {
    const shown = this.#all().filter(({ effective, hash }) =>
      before === undefined || effective < before.time ||
      effective === before.time && hash < before.id
    );
    return Promise.resolve(
      most === 0 ? [] : shown.slice(-most).map((entry) => this.#messageOf(entry)),
    );
  }

  search(words: string, most = 100): Promise<RoomMessage[]> {
    const matches = wordMatcher(words);
    const found = this.#all().filter(({ said }) => matches?.(said.text)).slice(-most);
    return Promise.resolve(found.map((entry) => this.#messageOf(entry)));
  }

  find(id: string): Promise<RoomMessage | undefined> {
    const found = this.#all().find(({ hash }) => hash === id);
    return Promise.resolve(found && this.#messageOf(found));
  }

  markRead(): Promise<void> {
    this.unread = 0;
    this.readNumber = Math.max(this.readNumber, ...this.#all().map(({ number }) => number));
    return Promise.resolve();
  }

  sendFile(): Promise<never> {
    return this.#refuse();
  }

  edit(_id: string, _text: string): Promise<void> {
    return this.#refuse();
  }

  delete(_id: string): Promise<void> {
    return this.#refuse();
  }

  react(_id: string, _emoji: string): Promise<void> {
    return this.#refuse();
  }

  invite(): Promise<void> {
    return this.#refuse();
  }

  remove(_identity: Uint8Array): Promise<void> {
    return this.#refuse();
  }

  setAdmin(_identity: Uint8Array, _isAdmin: boolean): Promise<void> {
    return this.#refuse();
  }

  set(_change: object): Promise<void> {
    return this.#refuse();
  }

  /** Others have joined it, or are gone. */
  onPeople(): void {
    if (this.state !== "joined") return;
    this.#parts.events.emit({ type: "room-changed", room: this, what: "room" });
  }

  /** Whether an entry is one of this lobby. */
  isOwn({ header }: RoomEntry): boolean {
    const id = this.id; // behind the version and the length of the room
    return id !== "" && header.subarray(5, 37).toHex() === id;
  }

  /** Says over a new link what was said here. */
  greet(link: LobbyLink): void {
    if (this.state !== "joined" || this.id === "") return;
    link.send({
      type: "room-summary",
      room: Uint8Array.fromHex(this.id),
      part: 0,
      parts: 1,
      membershipHash: new Uint8Array(32),
      rows: this.#entries.rows(),
    });
  }

  /** Sends the newest of what a peer does not have. */
  onSummary(link: LobbyLink, { rows }: RoomSummaryMessage): void {
    if (this.state !== "joined") return;
    const keyOf = ({ author, device }: Pick<RoomSummaryRow, "author" | "device">) =>
      `${author.toHex()} ${device.toHex()}`;
    const next = new Map(rows.map((row) => [keyOf(row), row.nextTalk]));
    const lacked = this.#all().filter(({ header }) =>
      header.count >= (next.get(keyOf(header)) ?? 0)
    );
    for (const entry of lacked.slice(-MAX_PAST)) this.#give(link, entry);
  }

  /** Takes an entry: what breaks a rule, and what somebody says who is ignored, is dropped unseen. */
  async take(link: LobbyLink, entry: RoomEntry): Promise<void> {
    while (!this.#peers.mayTake(link.key)) await link.pause(1000 / PEER_RATE.perSecond);
    this.#peers.count(link.key);
    for (;;) {
      const read = this.#readNew(entry);
      if (read === undefined) return;
      const isRelayed = read.author !== link.key;
      const overdraft = isRelayed ? MAX_DELAY_SECONDS * AUTHOR_RATE.perSecond : 0;
      if (this.#authors.mayTake(read.author, { overdraft })) return this.#add(read, link);
      if (isRelayed) return; // it does not hold up what comes behind it
      await link.pause(OVER_BUDGET_PAUSE_MS);
    }
  }

  /** Reads an entry that is not here yet; undefined if it is to be dropped unseen. */
  #readNew(entry: RoomEntry): LobbyEntry | undefined {
    const { provenServer } = this.#parts.signaling;
    if (this.state !== "joined" || provenServer === undefined) return undefined;
    const read = this.#entries.read(entry, provenServer);
    if (read === undefined || this.#entries.has(read.hash)) return undefined;
    const isIgnored = this.#parts.isIgnored(read.said.name, new PublicKey(read.header.author));
    return isIgnored ? undefined : read;
  }

  #add(read: LobbyEntry, link: LobbyLink): void {
    const now = this.#parts.signaling.provenServer?.serverTime ?? Date.now();
    if (!this.#entries.add(read, now)) return;
    this.#authors.count(read.author); // not before the signature is checked: others could use it up
    this.#passOn(read, link);
    const message = this.#messageOf(read);
    if (message.direction === "incoming") this.unread++;
    const type = message.direction === "incoming" ? "room-message" : "room-sent";
    this.#parts.events.emit({ type, room: this, message });
  }

  #passOn(entry: LobbyEntry, from?: LobbyLink): void {
    for (const link of this.#parts.links()) {
      if (link !== from) this.#give(link, entry);
    }
  }

  #give(link: LobbyLink, { hash, entry }: LobbyEntry): void {
    link.send({ type: "room-entry", entry });
    this.#unsent.get(hash)?.resolve();
    this.#unsent.delete(hash);
  }

  #all(): LobbyEntry[] {
    const now = this.#parts.signaling.provenServer?.serverTime ?? Date.now();
    return this.#entries.all(now).filter(({ author, said }) =>
      !this.#parts.isIgnored(said.name, PublicKey.parse(author))
    );
  }

  #messageOf({ hash, number, author, said, effective }: LobbyEntry): RoomMessage {
    const person: RoomPerson = this.#parts.names.personOf(author, said);
    const replyTo = said.replyTo.length > 0 ? said.replyTo.toHex() : undefined;
    return {
      ...{ type: "message", id: hash, number, room: this, author: person, name: person.name },
      direction: person.isOwn ? "outgoing" : "incoming",
      ...{ text: said.text, versions: [], time: effective, replyTo, isDeleted: false },
      ...{ isMissing: false, isLate: false, isContradiction: false, reactions: [] },
      state: person.isOwn ? "sent" : "received",
      recipients: [],
      delivered: this.#unsent.get(hash)?.promise ?? Promise.resolve(),
    };
  }

  #refuse(): Promise<never> {
    return Promise.reject(new ClientError("room-failed", { reason: "lobby-only-talks" }));
  }
}
