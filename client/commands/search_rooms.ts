import { joinedRooms, type PastEvent, pastInRoom } from "../app/mod.ts";
import type { Messenger } from "../core/mod.ts";

/** How many of the newest messages of each room are looked at. */
const MAX_SEARCHED = 2_000;

/** The messages of the user's rooms that have words which begin with all these, the oldest first. */
export async function searchRooms(
  messenger: Pick<Messenger, "rooms">,
  words: string,
): Promise<PastEvent[]> {
  const wanted = wordsOf(words);
  if (wanted.length === 0) return [];
  const found = await Promise.all(
    joinedRooms(messenger).map(async (room) => {
      const items = await room.history({ most: MAX_SEARCHED });
      return items.filter((item) => item.type === "message").filter(({ text }) => {
        const said = wordsOf(text);
        return wanted.every((word) => said.some((each) => each.startsWith(word)));
      }).map((message): PastEvent => {
        const isOwn = message.direction === "outgoing";
        const name = isOwn ? room.label : `${message.name} in ${room.label}`;
        return { ...pastInRoom(message), name, among: "all" };
      });
    }),
  );
  return found.flat();
}

/** The words of a text, without case and accents. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().normalize("NFD").replaceAll(/\p{M}/gu, "").match(/[\p{L}\p{N}]+/gu) ??
    [];
}
