import type { Context } from "../app/mod.ts";
import { COMMAND_TABLE } from "./table.ts";

/**
 * Does what a typed line says: a line that starts with `/` is a command, any other is a text for the
 * current chat. Errors are shown to the user; never rejects because of one. Where a text goes is settled
 * when this is called, even if an earlier line is still being worked on.
 */
export async function dispatch(context: Context, line: string): Promise<void> {
  const { activeChat } = context;
  if (isText(line)) return await say(context, line.replace(/^\/\//, "/"));
  const [word = "", rest = ""] = line.slice(1).split(/\s+(.*)/s, 2);
  const args = rest.trim();
  const before = activeChat.target;
  try {
    const command = COMMAND_TABLE.find(word);
    if (command.args === "" && args !== "") {
      throw new SyntaxError(`Expected nothing after /${command.name}, got "${args}"`);
    }
    await command.run(context, args, COMMAND_TABLE);
  } catch (error) {
    context.report(error);
    // The next lines were meant for another place, also if the command is mistyped.
    const meant = COMMAND_TABLE.nearest(word);
    const place = meant?.placeOf?.(args);
    if (meant === undefined || place === undefined) return;
    activeChat.miss(place, before, place === "" ? undefined : `/${meant.name} ${args}`);
  }
}

async function say(context: Context, text: string): Promise<void> {
  try {
    await context.activeChat.say(text);
  } catch (error) {
    context.report(error);
  }
}

/** The name of the user to whom a line would be sent now; undefined if it is no text for anybody. */
export function recipientOf({ activeChat, users }: Context, line: string): string | undefined {
  const args = /^\/msg\s+(.*)/is.exec(line)?.[1];
  try {
    if (args !== undefined) return users.nameOf(users.splitLeading(args).who);
    if (!isText(line)) return undefined;
    const { target } = activeChat;
    if (target === undefined || target.type === "chat") return target?.chat.name;
    if (target.type === "room") return target.room.label;
    return users.nameOf(target.who);
  } catch {
    return undefined; // nobody, or more than one
  }
}

function isText(line: string): boolean {
  return !line.startsWith("/") || line.startsWith("//");
}
