import {
  checkCertificate,
  createRoomEntry,
  decodeLobbyText,
  decodeRoomHeader,
  encodeLobbyText,
  hashRoomHeader,
  isRoomEntryValid,
  limits,
  type LobbyText,
  ProtocolError,
  type RoomEntry,
  type RoomHeader,
  roomKinds,
  type RoomSummaryRow,
} from "../../../protocol/mod.ts";
import { oldestOfLargest } from "../largest.ts";
import type { ProvenServer } from "../proven_server.ts";
import { inOrder } from "./memory_room_store.ts";

/** How long entries are kept, how many, and how far ahead of the server's clock they may be. */
const LIFETIME_MS = 60 * 60_000;
const MAX_ENTRIES = 2_000;
const MAX_AHEAD_MS = 5 * 60_000;

/** Something that was said in the lobby. */
export interface LobbyEntry {
  readonly hash: string;
  /** The author's key, in hex. */
  readonly author: string;
  readonly header: RoomHeader;
  readonly said: LobbyText;
  readonly effective: number;
  /** Grows with each arrival. */
  readonly number: number;
  readonly entry: RoomEntry;
}

/** The entries of a lobby from the last hour, in memory. */
export class LobbyEntries {
  readonly #entries = new Map<string, LobbyEntry>();
  #number = 0;

  /** All of them, in the order in which they are shown. */
  all(now: number): LobbyEntry[] {
    this.#forgetOld(now);
    return [...this.#entries.values()].sort((one, other) => inOrder(one, other));
  }

  has(hash: string): boolean {
    return this.#entries.has(hash);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Reads an entry, and checks all but its signature; undefined if it is to be dropped unseen. */
  read(entry: RoomEntry, { serverKey, serverTime }: ProvenServer): LobbyEntry | undefined {
    try {
      const header = decodeRoomHeader(entry.header);
      const { kind, membership, at, author } = header;
      if (kind !== roomKinds.text || membership.length > 0 || entry.body === undefined) return;
      if (at > serverTime + MAX_AHEAD_MS || at < serverTime - LIFETIME_MS) return;
      const said = decodeLobbyText(entry.body);
      const { name, credential: { certificate, serverKey: signer } } = said;
      if (certificate === undefined) return;
      const context = { name, identity: author, signer, serverKey, serverTime };
      if (checkCertificate(certificate, context) !== "fits") return;
      const hash = hashRoomHeader(entry.header).toHex();
      const named = header.talk.map((parent) => this.#entries.get(parent.toHex())?.effective ?? 0);
      const effective = named.reduce((time, before) => Math.max(time, before + 1), at);
      const number = this.#number + 1;
      return { hash, author: author.toHex(), header, said, effective, number, entry };
    } catch (error) {
      if (error instanceof ProtocolError) return;
      throw error;
    }
  }

  /** Adds what was read, unless its signature is false. */
  add(read: LobbyEntry, now: number): boolean {
    if (this.#entries.has(read.hash) || !isRoomEntryValid(read.entry, read.header)) return false;
    this.#number++;
    this.#entries.set(read.hash, read);
    this.#forgetOld(now);
    if (this.#entries.size > MAX_ENTRIES) this.#makeRoom();
    return true;
  }

  /** The newest entries, which a new one names. */
  heads(): Uint8Array[] {
    const named = new Set(
      [...this.#entries.values()].flatMap(({ header }) => header.talk.map((hash) => hash.toHex())),
    );
    return [...this.#entries.values()].filter(({ hash }) => !named.has(hash))
      .sort((one, other) => inOrder(other, one)).slice(0, 8)
      .map(({ hash }) => hash).sort().map((hash) => Uint8Array.fromHex(hash));
  }

  /** The summary of the entries here, a row for each author and device. */
  rows(): RoomSummaryRow[] {
    const rows = new Map<string, RoomSummaryRow>();
    for (const { header: { author, device, count } } of this.#entries.values()) {
      const key = `${author.toHex()} ${device.toHex()}`;
      const { oldestTalk = count, nextTalk = 0 } = rows.get(key) ?? {};
      rows.set(key, {
        ...{ author, device, nextMembership: 0 },
        oldestTalk: Math.min(oldestTalk, count),
        nextTalk: Math.max(nextTalk, count + 1),
      });
    }
    return [...rows.values()].slice(-1_000);
  }

  /** Removes the oldest entry of the author who has most: nobody displaces the messages of others. */
  #makeRoom(): void {
    const oldest = oldestOfLargest(this.#entries.values(), ({ author }) => author);
    if (oldest !== undefined) this.#entries.delete(oldest.hash);
  }

  #forgetOld(now: number): void {
    for (const [hash, { header }] of this.#entries) {
      if (header.at < now - LIFETIME_MS) this.#entries.delete(hash);
    }
  }
}

/** Writes an entry of the lobby. */
export function writeLobbyEntry(
  header: Pick<RoomHeader, "room" | "author" | "device" | "count" | "talk" | "at">,
  said: LobbyText,
  privateKey: Uint8Array,
): RoomEntry {
  const salt = crypto.getRandomValues(new Uint8Array(limits.roomSaltBytes));
  const body = encodeLobbyText(said, salt);
  return createRoomEntry({ ...header, membership: [], kind: roomKinds.text }, body, privateKey);
}
