import type { Statements } from "../../../server/platform/storage/statements.ts";
import { clientLimits } from "../../core/mod.ts";
import { ROOM_NUMBER } from "./entry_rows.ts";

/** Deletes the oldest messages of a room if it has too many, and the texts of old ones, or of too many. */
export function trimTalk(prepare: Statements["prepare"], room: Uint8Array): void {
  const { roomTalkEntries, roomTalkBytes, roomTalkAgeMs } = clientLimits;
  const talk = `room = ${ROOM_NUMBER} AND membership = 0`;
  const last = prepare(
    `SELECT effective FROM entry WHERE ${talk} ORDER BY effective DESC, hash DESC ` +
      "LIMIT 1 OFFSET ?",
  ).get(room, roomTalkEntries);
  if (last !== undefined) {
    prepare(`DELETE FROM entry WHERE ${talk} AND effective <= ?`)
      .run(room, Number(last.effective));
    prepare("UPDATE room SET trimmed = 1 WHERE id = ?").run(room);
  }
  const erase = `UPDATE entry SET body = NULL, text = x'' WHERE ${talk} AND body IS NOT NULL`;
  prepare(`${erase} AND effective < ?`).run(room, Date.now() - roomTalkAgeMs);
  const over = prepare(
    "SELECT effective FROM (SELECT effective, sum(length(body)) OVER " +
      `(ORDER BY effective DESC, hash DESC) AS bytes FROM entry WHERE ${talk}) ` +
      "WHERE bytes > ? LIMIT 1",
  ).get(room, roomTalkBytes);
  if (over !== undefined) {
    prepare(`${erase} AND effective <= ?`).run(room, Number(over.effective));
  }
}
