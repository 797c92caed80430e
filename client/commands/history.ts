import { type Context, type MessageArchive, parseQuery } from "../app/mod.ts";
import type { Command } from "./command.ts";

/** How many lines are shown where nobody says how many, and at the most. */
const DEFAULT_LINES = 20;
const MAX_LINES = 1000;

/** What was said before. */
export const HISTORY_COMMANDS: readonly Command[] = [
  {
    name: "history",
    args: "[N]",
    help: `the last ${DEFAULT_LINES} lines of this chat, or the last N, also of earlier days`,
    example: "/history 50",
    run: (context, args) => {
      const archive = openArchive(context);
      const count = lineCount(args);
      const name = context.activeChat.peerName;
      if (name === undefined) {
        throw new SyntaxError("expected a chat whose history to show; /talk NAME starts one");
      }
      const lines = archive.last(name, count);
      lines.forEach(context.emit);
      if (lines.length === 0) return context.note(`nothing is kept of ${name}`);
      const more = Math.min(MAX_LINES, 2 * count);
      context.note(
        lines.length < count
          ? `that is all that is kept of ${name}: ${counted(lines.length, "message")}`
          : `the last ${counted(count, "message")} with ${name}; /history ${more} shows more`,
      );
    },
  },
  {
    name: "search",
    args: "WORDS",
    help: "what was said with all these words in it, in every chat; the newest comes last",
    example: "/search lunch noon",
    run: (context, args) => {
      const archive = openArchive(context);
      if (args === "") throw new SyntaxError("expected words to look for: /search WORDS");
      const found = archive.search(args, DEFAULT_LINES + 1);
      const shown = found.slice(-DEFAULT_LINES);
      shown.forEach(context.emit);
      if (found.length === 0) return context.note(`nothing with all of that in it: ${args}`);
      context.note(
        found.length > DEFAULT_LINES
          ? `the newest ${DEFAULT_LINES} are shown; there are more: another word finds fewer`
          : `${counted(found.length, "message")} with that`,
      );
    },
  },
  {
    name: "forget",
    args: "WHO",
    help: "delete what is kept of somebody, online or not; WHO is a name",
    example: "/forget bob",
    run: async (context, args) => {
      const archive = openArchive(context);
      if (args === "") throw new SyntaxError("expected somebody to forget: /forget NAME");
      const name = parseQuery(args).text;
      try {
        const lines = context.forgetTyped(name);
        const count = await archive.forget(name);
        const typed = lines === 0 ? "" : `, ${counted(lines, "line")} of the arrow keys`;
        context.note(
          count + lines === 0
            ? `nothing is kept of ${name}; upper and lower case matter here`
            : `deleted what was kept of ${name}: ${counted(count, "message")}${typed}`,
        );
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        context.emit({ type: "error", text: reason });
      }
    },
  },
];

/** @throws {SyntaxError} where nothing is kept */
function openArchive({ archive }: Context): MessageArchive {
  if (archive !== undefined && archive.whyNot === undefined) return archive;
  throw new SyntaxError(`no history is kept: ${archive?.whyNot ?? "there is no data folder"}`);
}

function lineCount(text: string): number {
  const count = text === "" ? DEFAULT_LINES : /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_LINES) return count;
  throw new SyntaxError(`expected a number of lines from 1 to ${MAX_LINES}, got "${text}"`);
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
