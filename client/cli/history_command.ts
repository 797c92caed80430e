import { keyTag, nameKey, sanitizeName } from "../../protocol/mod.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";
import type { LineWriter } from "../../server/platform/cli/line_writer.ts";
import { EXIT, isRoomQuery, keyOfMark } from "../app/mod.ts";
import type { Rooms } from "../core/mod.ts";
import { type History, openHistory, type Profile, type StoredMessage } from "../storage/mod.ts";
import { type ExportedText, exportMessages } from "./export_messages.ts";
import { exportRoom, noRoomError } from "./room_export.ts";
import { withStoredRooms } from "./stored_rooms.ts";

/** How many messages are in memory at once. */
const PAGE_MESSAGES = 1_000;
/** How many chats are looked through for a name that is spelled in another way. */
const MAX_THREADS = 100_000;
/** The tag of a key behind a name that nothing confirms. */
const TAG = /~[a-z2-7]{4}-[a-z2-7]{4}$/;

/** Writes the history with someone, or of a room, to stdout, the oldest message first; there is no way back in. */
export interface HistoryTask {
  readonly type: "history";
  /** A name, or `#ROOM`. */
  readonly who: string;
  readonly format: "text" | "json";
}

/**
 * @param alarm receives a text that the user must see
 * @throws {UsageError} if there is no history, or none with that name
 */
export async function historyCommand(
  { who, format }: HistoryTask,
  profile: Profile,
  output: Pick<LineWriter, "line" | "ready">,
  alarm: (text: string) => void,
): Promise<number> {
  const notes: string[] = [];
  const { folder } = profile;
  if (isRoomQuery(who)) {
    if (folder === undefined) throw new UsageError(`There are no rooms: ${profile.whyNot}`);
    const exporting = (rooms: Rooms) => exportRoom(rooms, who, format, output).then(() => true);
    if (await withStoredRooms(folder, alarm, exporting) === undefined) throw noRoomError(who);
    return EXIT.done;
  }
  const history = folder && await openHistory(folder, (text) => notes.push(text));
  if (!history) throw new UsageError(`There is no history: ${notes[0] ?? profile.whyNot}`);
  try {
    const messages = messagesWith(history, nameIn(history, who));
    await exportMessages(messages, format, output, textOf, recordOf);
  } finally {
    await history.close();
  }
  return EXIT.done;
}

function* messagesWith(history: History, name: string): Generator<StoredMessage, void> {
  for (let id = 0;;) {
    const page = history.after(name, id, PAGE_MESSAGES);
    yield* page;
    id = page.at(-1)?.id ?? id;
    if (page.length < PAGE_MESSAGES) return;
  }
}

/** @throws {UsageError} if nobody, or more than one, is called so in the history */
function nameIn(history: History, who: string): string {
  if (history.last(who, 1).length > 0) return who;
  const names = threadsCalled(history, who);
  const [name, ...others] = names;
  if (name !== undefined && others.length === 0) return name;
  const known = names.map((each) => `"${sanitizeName(each)}"`).join(", ");
  throw new UsageError(
    name === undefined
      ? `There is no history with "${sanitizeName(who)}"`
      : `"${sanitizeName(who)}" could mean ${known}`,
  );
}

/**
 * The chats that a text may mean: by their names, else by the user's own names for people, by further
 * names that these have or had, by the key, or by the name in front of a key.
 */
function threadsCalled(history: History, who: string): string[] {
  const key = nameKey(who);
  const isSo = (name: string) => [name, sanitizeName(name)].some((each) => nameKey(each) === key);
  const threads = history.threads(MAX_THREADS).flatMap(({ thread, last }) =>
    last === undefined ? [] : [{ name: thread, tag: tagOf(last) }]
  );
  const facts = history.facts().filter(({ thread }) => threads.some(({ name }) => name === thread));
  const inTurn: (() => string[])[] = [
    () => threads.map(({ name }) => name).filter(isSo),
    () => facts.filter(({ alias }) => nameKey(alias) === key).map(({ thread }) => thread),
    () => facts.filter(({ otherNames }) => otherNames.some(isSo)).map(({ thread }) => thread),
    () =>
      threads.filter(({ name, tag }) =>
        tag !== undefined &&
        [tag, `~${tag}`, `${name}~${tag}`].some((each) => nameKey(each) === key)
      ).map(({ name }) => name),
    () => threads.map(({ name }) => name).filter((name) => isSo(name.replace(TAG, ""))),
  ];
  for (const find of inTurn) {
    const found = find();
    if (found.length > 0) return found;
  }
  return [];
}

/** The tag of the key that a message came from or went to; undefined in classic MIM. */
function tagOf({ mark }: StoredMessage): string | undefined {
  const key = keyOfMark(mark ?? "");
  return key && keyTag(Uint8Array.fromHex(key));
}

function textOf({ at, type, text, peer, isEdited, isDeleted }: StoredMessage): ExportedText {
  const remark = isDeleted ? "deleted" : type === "failed" ? "not sent" : undefined;
  return { at, name: type === "received" ? peer.name : undefined, text, remark, isEdited };
}

function recordOf(message: StoredMessage): Record<string, unknown> {
  const { id, peer, server, type, text, at, delivered, isEdited, isDeleted, reactions } = message;
  return {
    id,
    name: peer.name,
    from: type === "received" ? "them" : "me",
    text,
    time: new Date(at).toISOString(),
    address: peer.address,
    ...server !== undefined && { server },
    ...type === "failed" && { failed: true },
    ...delivered !== undefined && { delivered: new Date(delivered).toISOString() },
    ...isEdited && { edited: true },
    ...isDeleted && { deleted: true },
    ...reactions !== undefined && { reactions },
  };
}
