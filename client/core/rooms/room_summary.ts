import type { RoomPeerMessage, RoomSummaryRow } from "../../../protocol/mod.ts";
import type { LocalRoom } from "./local_room.ts";
import type { RoomReplica } from "./room_replica.ts";
import type { TalkWant } from "../room_store.ts";

type SummaryMessage = Extract<RoomPeerMessage, { readonly type: "room-summary" }>;

/** Rows of one part, and how many parts are read: a room has at most so many authors and devices. */
const ROWS_PER_PART = 1_000;
const MAX_PARTS = 24;

/** The entries of a room that a peer has. */
export interface RoomSummary {
  /** The hash over its membership entries, in hex. */
  readonly membershipHash: string;
  /** By author and device, in hex with a blank between. */
  readonly rows: ReadonlyMap<string, RoomSummaryRow>;
}

/** Sums up what is here of a room. */
export function summarize({ id, membership, log }: RoomReplica): SummaryMessage[] {
  const rows = new Map<string, RoomSummaryRow>();
  const row = (author: string, device: string) => ({
    author: Uint8Array.fromHex(author),
    device: Uint8Array.fromHex(device),
    nextMembership: membership.nextCount(author, device),
    oldestTalk: 0,
    nextTalk: 0,
  });
  for (const { author, device } of membership.devices()) {
    rows.set(`${author} ${device}`, row(author, device));
  }
  for (const { author, device, oldest, next } of log.spans()) {
    rows.set(`${author} ${device}`, { ...row(author, device), oldestTalk: oldest, nextTalk: next });
  }
  const all = [...rows.values()];
  const parts = Math.min(MAX_PARTS, Math.max(1, Math.ceil(all.length / ROWS_PER_PART)));
  const common = {
    type: "room-summary",
    room: Uint8Array.fromHex(id),
    membershipHash: Uint8Array.fromHex(membership.hash),
    parts,
  } as const;
  return Array.from({ length: parts }, (_, part) => ({
    ...common,
    part,
    rows: all.slice(part * ROWS_PER_PART, (part + 1) * ROWS_PER_PART),
  }));
}

/** Puts the parts of a peer's summaries together; of one that is cut short nothing is used. */
export class SummaryReader {
  #parts: SummaryMessage[] = [];

  /** The summary, once its last part has come. */
  push(message: SummaryMessage): RoomSummary | undefined {
    if (message.part === 0) this.#parts = [];
    const isNext = message.part === this.#parts.length && message.parts <= MAX_PARTS &&
      message.parts === (this.#parts[0] ?? message).parts;
    if (!isNext) {
      this.#parts = [];
      return undefined;
    }
    this.#parts.push(message);
    if (this.#parts.length < message.parts) return undefined;
    const rows = this.#parts.flatMap(({ rows }) => rows)
      .map((row): [string, RoomSummaryRow] => [`${row.author.toHex()} ${row.device.toHex()}`, row]);
    this.#parts = [];
    return { membershipHash: message.membershipHash.toHex(), rows: new Map(rows) };
  }
}

/** The membership entries that a peer lacks, as its summary says; the parents first. */
export function lackedMembership(
  { membership }: RoomReplica,
  { rows }: RoomSummary,
): { readonly hashes: string[]; readonly lacksNothing: boolean } {
  const hashes = membership.nodes
    .filter(({ record: { author, device, header } }) =>
      header.count >= (rows.get(`${author} ${device}`)?.nextMembership ?? 0)
    )
    .map(({ record }) => record.hash);
  return { hashes, lacksNothing: hashes.length === 0 };
}

/** The talk that a peer wants and that is here. */
export function lackedTalk({ log }: RoomReplica, { rows }: RoomSummary): TalkWant[] {
  const wants: TalkWant[] = [];
  for (const { author, device, next, beyond } of log.spans()) {
    const row = rows.get(`${author} ${device}`);
    const from = row?.nextTalk ?? 0;
    if (next > from || beyond.some((count) => count >= from)) wants.push({ author, device, from });
  }
  return wants;
}

/** Whether a peer that lacks nothing has nothing else, either. */
export function isSummaryOf({ membership, log }: RoomReplica, summary: RoomSummary): boolean {
  if (membership.hash !== summary.membershipHash) return false;
  const next = new Map(
    [...log.spans()].map((span) => [`${span.author} ${span.device}`, span.next]),
  );
  return [...summary.rows].every(([key, row]) => row.nextTalk <= (next.get(key) ?? 0));
}

/** The rows in which a peer has more than is here. Guests are given no talk. */
export function lackedHere(
  { role, replica: { membership, log } }: Pick<LocalRoom, "role" | "replica">,
  rows: RoomSummary["rows"],
): RoomSummary["rows"] {
  const next = new Map(
    [...log.spans()].map((span) => [`${span.author} ${span.device}`, span.next]),
  );
  return new Map([...rows].filter(([slot, { nextMembership, nextTalk }]) => {
    const [author = "", device = ""] = slot.split(" ");
    return role !== "guest" && nextTalk > (next.get(slot) ?? 0) ||
      nextMembership > membership.nextCount(author, device);
  }));
}
