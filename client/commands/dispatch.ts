import type { Context } from "../app/mod.ts";
import { COMMAND_TABLE } from "./table.ts";

/**
 * Does what a typed line says: a line that starts with `/` is a command, any other is a text for the
 * current chat. Errors are shown to the user; never rejects because of one. Where a text goes is settled
 * when this is called, even if an earlier line is still being worked on.
 */
export async function dispatch(context: Context, line: string): Promise<void> {
  try {
    if (isText(line)) return await context.activeChat.say(line.replace(/^\/\//, "/"));
    const [word = "", rest = ""] = line.slice(1).split(/\s+(.*)/s, 2);
    const command = COMMAND_TABLE.find(word);
    const args = rest.trim();
    if (command.args === "" && args !== "") {
      throw new SyntaxError(`Expected nothing after /${command.name}, got "${args}"`);
    }
    await command.run(context, args, COMMAND_TABLE);
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
