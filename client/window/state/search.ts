import { nameKey, sanitizeName } from "../../../protocol/mod.ts";
import type { MessageArchive } from "../../app/mod.ts";
import type { RoomItem, RoomMessage } from "../../core/mod.ts";
import type { StoredMessage } from "../../storage/mod.ts";
import type { SearchHit } from "../messages.ts";
import type { RoomConversation } from "./room_conversation.ts";
import { sanitizeLines } from "./view_rows.ts";

const MAX_HITS = 100;
/** How many messages of a room are looked through for those of one author, or before a hit. */
const MAX_OF_ROOM = 1_000;
/** How many hits are remembered, so that a page can go to them. */
const MAX_REMEMBERED_HITS = 1_000;

/** A peer or a member of a room, and what the user calls them; empty for nothing. */
export interface PeerName {
  readonly name: string;
  readonly alias: string;
}

/** The range of a search: all chats or one, and rooms. */
export interface SearchPlaces {
  /** The history of one peer; undefined for all, and null for none. */
  readonly thread: string | undefined | null;
  readonly rooms: readonly RoomConversation[];
}

/** A message that was found, in a chat or in a room. */
export type FoundMessage =
  | { readonly type: "chat"; readonly message: StoredMessage }
  | { readonly type: "room"; readonly room: RoomConversation; readonly message: RoomMessage };

/** The start of older hits than one of them: the history's number, and a row of each room. */
interface Continuation {
  readonly stored: number;
  readonly rooms: ReadonlyMap<RoomConversation, Pick<RoomItem, "id" | "time">>;
}

/** Searches all conversations and rooms, and remembers the hits. */
export class Search {
  readonly #archive: MessageArchive;
  readonly #hits = new Map<number, FoundMessage & { readonly older: Continuation }>();
  #lastId = 0;

  constructor(archive: MessageArchive) {
    this.#archive = archive;
  }

  /**
   * The newest messages with all these words, oldest first. `from:NAME` and `from:me` say whose.
   *
   * @param before only those before this hit; 0 for the newest
   * @param names the peers that `from:` can mean, and what the user calls them
   */
  async find(
    text: string,
    { thread, rooms }: SearchPlaces,
    before: number,
    names: readonly PeerName[],
  ): Promise<{ readonly hits: SearchHit[]; readonly hasMore: boolean }> {
    const { words, from } = parseSearch(text);
    const isOwn = from !== undefined && nameKey(from) === "me";
    const author = from === undefined || isOwn ? undefined : findName(from, names);
    if (from !== undefined && !isOwn && author === undefined) return { hits: [], hasMore: false };
    const { stored, rooms: places } = this.#hits.get(before)?.older ??
      { stored: 0, rooms: new Map() };
    const isSearched = thread !== null && (author === undefined || (thread ?? author) === author);
    const scope = {
      name: thread ?? author,
      from: isOwn ? "me" : author === undefined ? undefined : "them",
      before: stored,
    } as const;
    const inChats = isSearched ? this.#archive.found(words, MAX_HITS + 1, scope) : [];
    const isBy = ({ direction, name }: RoomMessage) =>
      from === undefined ||
      (isOwn ? direction === "outgoing" : direction === "incoming" && name === author);
    const inRooms = await Promise.all(rooms.map(async (room): Promise<FoundMessage[]> => {
      const before = places.get(room);
      const messages = await searchRoom(room, words, before, from !== undefined);
      return messages.filter(isBy).slice(-MAX_HITS - 1)
        .map((message) => ({ type: "room", room, message }));
    }));
    const found = newestFirst(
      inChats.map((message) => ({ type: "chat", message })),
      inRooms.flat().sort((one, other) => timeOf(one) - timeOf(other)),
    );
    const older = { stored, rooms: new Map(places) };
    // From the newest on, so that each hit knows where those before it are.
    const hits = found.slice(0, MAX_HITS).map((one) => {
      if (one.type === "room") older.rooms.set(one.room, one.message);
      else older.stored = one.message.id;
      return this.#remember(one, { ...older, rooms: new Map(older.rooms) });
    }).reverse();
    this.#forgetOldest();
    return { hits, hasMore: found.length > MAX_HITS };
  }

  /** A message that a search has found; undefined if that was too long ago. */
  getHit(id: number): FoundMessage | undefined {
    return this.#hits.get(id);
  }

  #remember(found: FoundMessage, older: Continuation): SearchHit {
    const id = ++this.#lastId;
    this.#hits.set(id, { ...found, older });
    if (found.type === "chat") {
      const { peer, type, text, at } = found.message;
      const from = type === "received" ? "them" : "me";
      return { id, name: sanitizeName(peer.name), from, text: sanitizeLines(text), at };
    }
    const { room, name, direction, text, time } = found.message;
    const isOwn = direction === "outgoing";
    return {
      id,
      name: sanitizeName(room.label),
      isRoom: true,
      from: isOwn ? "me" : "them",
      ...!isOwn && { author: sanitizeName(name) },
      text: sanitizeLines(text),
      at: time,
    };
  }

  #forgetOldest(): void {
    for (const id of this.#hits.keys()) {
      if (this.#hits.size <= MAX_REMEMBERED_HITS) return;
      this.#hits.delete(id);
    }
  }
}

/** The newest messages of a room before a row that have these words; all if there are none, and `isAll`. */
async function searchRoom(
  { room }: RoomConversation,
  words: string,
  before: Pick<RoomItem, "id" | "time"> | undefined,
  isAll: boolean,
): Promise<RoomMessage[]> {
  if (words.trim() === "") {
    const items = isAll ? await room.history({ most: MAX_OF_ROOM, before }) : [];
    return items.filter((item) => item.type === "message");
  }
  const isPlain = before === undefined && !isAll;
  const found = await room.search(words, isPlain ? MAX_HITS + 1 : MAX_OF_ROOM);
  if (before === undefined) return found;
  const { id, time } = before;
  return found.filter((one) => one.time < time || one.time === time && one.id < id);
}

/** Both lists, which have the oldest first, as one; each keeps its order whatever the times. */
function newestFirst(
  one: readonly FoundMessage[],
  other: readonly FoundMessage[],
): FoundMessage[] {
  const [first, second] = [[...one], [...other]];
  const all: FoundMessage[] = [];
  for (;;) {
    const [last, rival] = [first.at(-1), second.at(-1)];
    if (last === undefined && rival === undefined) return all;
    const isFirst = rival === undefined || last !== undefined && timeOf(last) >= timeOf(rival);
    const newest = (isFirst ? first : second).pop();
    if (newest !== undefined) all.push(newest);
  }
}

function timeOf({ type, message }: FoundMessage): number {
  return type === "chat" ? message.at : message.time;
}

/** The words of a search, and whose messages count. A name with spaces stands in quotes. */
function parseSearch(text: string): { readonly words: string; readonly from: string | undefined } {
  const found = /(?:^|\s)from:(?:"([^"]*)"?|(\S+))/iu.exec(text);
  const words = found === null ? text : text.replace(found[0], " ");
  return { words, from: found?.[1] ?? found?.[2] };
}

/** The peer with that name, or else whose name or alias begins like that. */
function findName(text: string, names: readonly PeerName[]): string | undefined {
  const key = nameKey(text);
  const isLike = (one: string) => one !== "" && nameKey(one).startsWith(key);
  const found = names.find(({ name, alias }) => nameKey(name) === key || nameKey(alias) === key) ??
    names.find(({ name, alias }) => isLike(name) || isLike(alias));
  return found?.name;
}
