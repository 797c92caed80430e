import type { SQLInputValue } from "node:sqlite";
import type { NewRoomEntry, StoredRoomEntry } from "../../core/mod.ts";
import { bytesOf } from "../../../server/platform/storage/statements.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The number of the room with an ID, which is a parameter. */
export const ROOM_NUMBER = "(SELECT number FROM room WHERE id = ?)";

/** The columns of {@linkcode valuesOf}, in their order. */
export const ENTRY_COLUMNS =
  "hash, author, device, membership, count, effective, target, text, header, signature, body";

/** An entry as the values of a row. */
export function valuesOf(entry: NewRoomEntry): SQLInputValue[] {
  const { hash, author, device, isMembership, count, effective, target, text } = entry;
  const { header, signature, body } = entry.entry;
  return [
    ...[hash, author, device].map((hex) => Uint8Array.fromHex(hex)),
    ...[Number(isMembership), count, effective],
    ...[Uint8Array.fromHex(target), encoder.encode(text), header, signature, body ?? null],
  ];
}

/** The entry of a row. */
export function entryOf(row: Record<string, unknown>): StoredRoomEntry {
  const header = bytesOf(row.header);
  const signature = bytesOf(row.signature);
  return {
    number: Number(row.number),
    hash: bytesOf(row.hash).toHex(),
    author: bytesOf(row.author).toHex(),
    device: bytesOf(row.device).toHex(),
    isMembership: row.membership === 1,
    count: Number(row.count),
    effective: Number(row.effective),
    target: bytesOf(row.target).toHex(),
    text: decoder.decode(bytesOf(row.text)),
    entry: row.body instanceof Uint8Array
      ? { header, signature, body: row.body }
      : { header, signature },
  };
}
