import {
  decodeFileOffer,
  decodeRoomBody,
  decodeRoomHeader,
  hashRoomHeader,
  isMembershipKind,
  isRoomEntryValid,
  ProtocolError,
  type RoomBody,
  type RoomEntry,
  type RoomHeader,
  roomKinds,
} from "../../../protocol/mod.ts";
import { offerLabel, offerPath } from "../files/mod.ts";
import type { NewRoomEntry, StoredRoomEntry } from "../room_store.ts";

/** An entry that was read. Hashes and keys are in hex. */
export interface RoomRecord {
  readonly hash: string;
  /** The room's id: the hash itself for a room's first entry. */
  readonly room: string;
  readonly author: string;
  readonly device: string;
  readonly isMembership: boolean;
  readonly header: RoomHeader;
  readonly membership: readonly string[];
  readonly talk: readonly string[];
  /** Undefined if the body is not here. */
  readonly body: RoomBody | undefined;
  /** As it came. */
  readonly entry: RoomEntry;
}

/** A membership entry: its body is never withheld. */
export type MembershipRecord = RoomRecord & { readonly body: RoomBody };

/**
 * Reads an entry. Its signature is not looked at.
 *
 * @returns undefined if it is malformed: it is as if nothing had come
 */
export function readRoomRecord(entry: RoomEntry): RoomRecord | undefined {
  try {
    const header = decodeRoomHeader(entry.header);
    const hash = hashRoomHeader(entry.header).toHex();
    const isMembership = isMembershipKind(header.kind);
    const body = entry.body && decodeRoomBody(header.kind, entry.body);
    if (isMembership && body === undefined) return undefined;
    return {
      hash,
      room: header.kind === roomKinds.create ? hash : header.room.toHex(),
      author: header.author.toHex(),
      device: header.device.toHex(),
      isMembership,
      header,
      membership: header.membership.map((hash) => hash.toHex()),
      talk: header.talk.map((hash) => hash.toHex()),
      body,
      entry,
    };
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/** Whether its author has signed it, and its body is the one that was signed. */
export function isRoomRecordValid({ entry, header }: RoomRecord): boolean {
  return isRoomEntryValid(entry, header);
}

export function isMembershipRecord(record: RoomRecord): record is MembershipRecord {
  return record.isMembership && record.body !== undefined;
}

/**
 * When an entry counts as written: as its author says, but later than all that it names.
 *
 * @param named the effective times of those of them that are here
 */
export function effectiveTime({ at }: RoomHeader, named: readonly number[]): number {
  return named.reduce((time, before) => Math.max(time, before + 1), at);
}

/** How files that are offered stand among the messages of a room. */
export function labelOfOffer(bytes: Uint8Array): string {
  const { rows, manifest } = decodeFileOffer(bytes);
  return offerLabel({
    path: offerPath(rows.map(({ path }) => path)),
    files: manifest?.files ?? rows.length,
    size: manifest?.bytes ?? rows.reduce((sum, { size }) => sum + size, 0),
  });
}

/** The form of an entry in the store. */
export function storableEntry(record: RoomRecord, effective: number): NewRoomEntry {
  const { hash, author, device, isMembership, header: { count }, body, entry } = record;
  const target = body?.type === "action" ? body.target.toHex() : "";
  const isEdit = body?.type === "action" && body.action === "edit";
  const text = isEdit || body?.type === "text"
    ? body.text
    : body?.type === "file"
    ? labelOfOffer(body.offer)
    : "";
  return { hash, author, device, isMembership, count, effective, target, text, entry };
}

/** Whether an entry removes that user, who may not hear of it otherwise. */
export function isRemovalOf({ isMembership, entry }: StoredRoomEntry, key: string): boolean {
  const { body } = isMembership ? readRoomRecord(entry) ?? {} : {};
  return body?.type === "remove" && body.identity.toHex() === key;
}
