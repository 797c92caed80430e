import { displayName, displayRoom } from "../../protocol/mod.ts";
import {
  type Context,
  findRoom,
  isRoomQuery,
  type MessageArchive,
  parseQuery,
  pastInRoom,
  quoteInRoom,
} from "../app/mod.ts";
import { warnsOwner } from "./rooms.ts";
import { searchRooms } from "./search_rooms.ts";
import { reasonOf } from "../../server/platform/util/errors.ts";
import type { Command } from "./command.ts";

/** How many lines are shown by default, and at most. */
const DEFAULT_LINES = 20;
const MAX_LINES = 1000;

export const HISTORY_COMMANDS: readonly Command[] = [
  {
    name: "history",
    args: "[N]",
    help:
      `show the last ${DEFAULT_LINES} lines of this chat or room, or the last N, also from earlier days`,
    example: "/history 50",
    run: async (context, args) => {
      const count = lineCount(args);
      const name = context.activeChat.peerName;
      if (name === undefined) throw new SyntaxError("No chat is open; /talk NAME starts one");
      if (context.activeChat.room !== undefined) return await roomHistory(context, count);
      const archive = openArchive(context);
      const { current } = context.activeChat;
      const lines = archive.last(
        archive.threadNames.of(current ?? { name }),
        count,
        current?.identity,
      );
      lines.forEach(context.emit);
      context.messages.list(context.activeChat.target); // the numbers hold, whatever comes meanwhile
      context.note(
        lines.length === 0
          ? `There is no history with ${displayName(name)}`
          : describeEnd(lines.length, count, `with ${displayName(name)}`),
      );
    },
  },
  {
    name: "search",
    args: "WORDS",
    help: "find the messages with all these words, in every chat and room; the newest comes last",
    example: "/search lunch noon",
    run: async (context, args) => {
      if (args === "") throw new SyntaxError("Expected words to search for: /search WORDS");
      const { archive, messenger } = context;
      const inRooms = await searchRooms(messenger, args, DEFAULT_LINES + 1);
      // Rooms are kept by themselves.
      const isKept = archive !== undefined && archive.whyNot === undefined;
      const inChats = isKept || inRooms.length === 0
        ? openArchive(context).search(args, DEFAULT_LINES + 1)
        : [];
      const found = [...inChats, ...inRooms].sort((one, other) => one.at - other.at)
        .slice(-DEFAULT_LINES - 1);
      const shown = found.slice(-DEFAULT_LINES);
      shown.forEach(context.emit);
      if (found.length === 0) return context.note(`No message has all of these words: ${args}`);
      context.note(
        found.length > DEFAULT_LINES
          ? `These are the newest ${DEFAULT_LINES} matches; add a word to find fewer`
          : `${counted(found.length, "message")} found`,
      );
    },
  },
  {
    name: "forget",
    args: "WHO",
    help: "delete the history with WHO, online or not; WHO is a name",
    example: "/forget bob",
    run: async (context, args) => {
      if (args === "") throw new SyntaxError("Expected a name: /forget NAME");
      if (isRoomQuery(args)) {
        const room = findRoom(context.messenger, args);
        const label = displayRoom(room.label);
        if (warnsOwner(context, room, "/forget")) return;
        await room.forget();
        context.activeChat.leaveRoom(room);
        return context.note(`Deleted ${label} and its history; you are no member any more`);
      }
      const archive = openArchive(context);
      const who = parseQuery(args);
      const past = archive.last(who.text, 1).length === 0 ? [] : [{ name: who.text }];
      const name = context.users.exactName(who, past) ?? archive.threadOfOtherName(who.text) ??
        who.text;
      try {
        const threads = new Set([name, ...unconfirmedThreads(context, archive, name)]);
        let count = 0;
        for (const thread of threads) count += await archive.forget(thread);
        const lines = context.forgetTyped(name);
        const typed = lines === 0 ? "" : ` and ${counted(lines, "typed line")}`;
        context.note(
          count + lines === 0
            ? `There is no history with ${displayName(name)}; upper and lower case matter here`
            : `Deleted the history with ${displayName(name)}: ${counted(count, "message")}${typed}`,
        );
      } catch (error) {
        const reason = reasonOf(error);
        context.emit({ type: "error", text: reason });
      }
    },
  },
];

/** Shows the messages of the current room. */
async function roomHistory(context: Context, count: number): Promise<void> {
  const { activeChat, messages } = context;
  const { room } = activeChat;
  if (room === undefined) return;
  const said = await messages.load(room, count);
  for (const [index, message] of said.entries()) {
    const { replyTo } = message;
    const answered = replyTo === undefined ? undefined : await room.find(replyTo);
    context.emit({
      ...pastInRoom(message),
      ...replyTo !== undefined && { answers: quoteInRoom(answered, answered?.author.isOwn) },
      number: said.length - index,
    });
  }
  messages.list(activeChat.target);
  context.note(
    said.length === 0
      ? `Nothing was said in ${displayRoom(room.label)} yet`
      : describeEnd(said.length, count, `in ${displayRoom(room.label)}`),
  );
}

/** Tells whether there is more than what was shown, and how to see it. */
function describeEnd(shown: number, count: number, where: string): string {
  if (shown < count) return `That is the whole history ${where}: ${counted(shown, "message")}`;
  const last = `The last ${counted(count, "message")} ${where}`;
  return count < MAX_LINES
    ? `${last}; /history ${Math.min(MAX_LINES, 2 * count)} shows more`
    : last;
}

/** @throws {SyntaxError} if no history is kept */
function openArchive({ archive }: Context): MessageArchive {
  if (archive !== undefined && archive.whyNot === undefined) return archive;
  throw new SyntaxError(`No history is kept: ${archive?.whyNot ?? "there is no data folder"}`);
}

function lineCount(text: string): number {
  const count = text === "" ? DEFAULT_LINES : /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_LINES) return count;
  throw new SyntaxError(`Expected a number of lines from 1 to ${MAX_LINES}, got "${text}"`);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** The histories of keys with which a chat is open under that name, which nothing confirms. */
function unconfirmedThreads(context: Context, archive: MessageArchive, name: string): string[] {
  return [...context.messenger.chats].filter((chat) => chat.name === name)
    .map((chat) => archive.threadNames.of(chat));
}
