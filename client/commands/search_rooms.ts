import { joinedRooms, type PastEvent, pastInRoom } from "../app/mod.ts";
import type { Messenger } from "../core/mod.ts";

/** The newest messages of the user's rooms that have words which begin with all these, the oldest first. */
export async function searchRooms(
  messenger: Pick<Messenger, "rooms">,
  words: string,
  most: number,
): Promise<PastEvent[]> {
  const found = await Promise.all(
    joinedRooms(messenger).map(async (room) =>
      (await room.search(words, most)).map((message): PastEvent => ({
        ...pastInRoom(message),
        room: room.label,
        among: "all",
      }))
    ),
  );
  return found.flat();
}
