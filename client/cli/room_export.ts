import type { LineWriter } from "../../server/platform/cli/line_writer.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";
import { findRoom } from "../app/mod.ts";
import type { Room, RoomItem, RoomMessage, Rooms } from "../core/mod.ts";
import { type ExportedText, exportMessages } from "./export_messages.ts";

/** How many rows are in memory at once. */
const PAGE_ROWS = 1_000;

/**
 * Writes what was said in a room, as far as it is stored here, also if the user has left it.
 *
 * @throws {UsageError} if there is no such room, or more than one
 */
export async function exportRoom(
  rooms: Rooms,
  name: string,
  format: "text" | "json",
  output: Pick<LineWriter, "line" | "ready">,
): Promise<void> {
  await exportMessages(messagesOf(roomNamed(rooms, name)), format, output, textOf, recordOf);
}

function roomNamed(rooms: Rooms, name: string): Room {
  const named = rooms.named(name);
  if (named.length === 0) throw noRoomError(name);
  if (named.some((room) => room === rooms.lobby)) {
    throw new UsageError("The lobby has no history: what is said there is not stored");
  }
  try {
    return findRoom({ rooms }, name);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(error.message);
  }
}

export function noRoomError(name: string): UsageError {
  return new UsageError(`There is no room ${name} here`);
}

/** The oldest first; the pages are counted from the newest. */
async function* messagesOf(room: Room): AsyncGenerator<RoomMessage, void> {
  const pages: (Pick<RoomItem, "id" | "time"> | undefined)[] = [undefined];
  for (;;) {
    const rows = await room.history({ most: PAGE_ROWS, before: pages[0] });
    const [first] = rows;
    if (first === undefined || rows.length < PAGE_ROWS) break;
    pages.unshift({ id: first.id, time: first.time });
  }
  for (const before of pages) {
    for (const row of await room.history({ most: PAGE_ROWS, before })) {
      if (row.type === "message") yield row;
    }
  }
}

function textOf(message: RoomMessage): ExportedText {
  const { direction, name, text, time: at, isDeleted, isMissing, versions } = message;
  const remark = isDeleted ? "deleted" : isMissing ? "not here" : undefined;
  const isEdited = versions.length > 0 && !isDeleted;
  return { at, name: direction === "incoming" ? name : undefined, text, remark, isEdited };
}

function recordOf(message: RoomMessage): Record<string, unknown> {
  const { id, direction, name, text, time, author, replyTo, versions, reactions } = message;
  return {
    ...{ id, name, from: direction === "incoming" ? "them" : "me", text },
    time: new Date(time).toISOString(),
    key: author.identity.toString(),
    ...replyTo !== undefined && { replyTo },
    ...versions.length > 0 && !message.isDeleted && { edited: true },
    ...message.isDeleted && { deleted: true },
    ...message.isMissing && { missing: true },
    ...reactions.length > 0 && {
      reactions: reactions.flatMap(({ emoji, by }) =>
        by.map((person) => ({ by: person.isOwn ? "me" : person.name, emoji }))
      ),
    },
  };
}
