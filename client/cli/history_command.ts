import { displayName, keyTag, nameKey, sanitizeName, sanitizeText } from "../../protocol/mod.ts";
import { UsageError } from "../../server/platform/cli/flags.ts";
import type { LineWriter } from "../../server/platform/cli/line_writer.ts";
import { EXIT, formatDate, formatTime, keyOfMark } from "../app/mod.ts";
import { type History, openHistory, type Profile, type StoredMessage } from "../storage/mod.ts";
import { safeJson } from "../terminal/mod.ts";

/** How many messages are in memory at once. */
const PAGE_MESSAGES = 1_000;
/** How many chats are looked through for a name that is spelled in another way. */
const MAX_THREADS = 100_000;
const INDENT = "    ";
/** The tag of a key behind a name that nothing confirms. */
const TAG = /~[a-z2-7]{4}-[a-z2-7]{4}$/;

/** Writes the history with someone to stdout, the oldest message first; there is no way back in. */
export interface HistoryTask {
  readonly type: "history";
  readonly who: string;
  readonly format: "text" | "json";
}

/** @throws {UsageError} if there is no history, or none with that name */
export async function historyCommand(
  { who, format }: HistoryTask,
  profile: Profile,
  output: LineWriter,
): Promise<number> {
  const notes: string[] = [];
  const { folder } = profile;
  const history = folder && await openHistory(folder, (text) => notes.push(text));
  if (!history) throw new UsageError(`There is no history: ${notes[0] ?? profile.whyNot}`);
  try {
    const name = nameIn(history, who);
    if (format === "json") output.line("[");
    let isFirst = true;
    for (let id = 0;;) {
      const page = history.after(name, id, PAGE_MESSAGES);
      for (const message of page) {
        await output.ready();
        if (format === "text") output.line(textOf(message));
        else output.line(`${isFirst ? " " : ","}${safeJson(recordOf(message))}`);
        isFirst = false;
        id = message.id;
      }
      if (page.length < PAGE_MESSAGES) break;
    }
    if (format === "json") output.line("]");
  } finally {
    await history.close();
  }
  return EXIT.done;
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

/** A message as lines: those behind the first are indented. */
function textOf({ at, type, text, peer, isEdited, isDeleted }: StoredMessage): string {
  const who = type === "received" ? displayName(peer.name) : "me";
  const remark = isDeleted ? " (deleted)" : type === "failed" ? " (not sent)" : "";
  const lines = text.split("\n").map(sanitizeText).join(`\n${INDENT}`);
  const edited = isEdited ? " (edited)" : "";
  return `${formatDate(at)} ${formatTime(at)} ${who}${remark}: ${lines}${edited}`;
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
