/**
 * The commands that users type: each is a row in the file of its group. Faces read this table, so
 * that /help, completion and what is done can't differ.
 *
 * @module
 */

import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { PRESENCE_COMMANDS } from "./presence.ts";
import { CALL_COMMANDS } from "./calls.ts";
import { CHAT_COMMANDS } from "./chats.ts";
import type { Command } from "./command.ts";
import { KEY_COMMANDS } from "./keys.ts";
import { HISTORY_COMMANDS } from "./history.ts";
import { OUTBOX_COMMANDS } from "./outbox.ts";
import { WHO_COMMANDS } from "./who.ts";
import { HELP_AND_QUIT_COMMANDS } from "./help_and_quit.ts";
import { SERVER_COMMANDS } from "./server.ts";
import { SETTINGS_COMMANDS } from "./settings.ts";

/** Commands that belong together. None is called as a command is: /help takes both. */
export interface CommandGroup {
  readonly title: string;
  /** What they are for. */
  readonly about: string;
  readonly commands: readonly Command[];
}

/** The commands by what they are for, in the order of /help. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  {
    title: "Chatting",
    about: "to people, and from chat to chat",
    commands: [...CHAT_COMMANDS, ...OUTBOX_COMMANDS],
  },
  { title: "People", about: "who is there", commands: [...WHO_COMMANDS, ...PRESENCE_COMMANDS] },
  { title: "Keys", about: "who is who", commands: KEY_COMMANDS },
  { title: "Calls", about: "who may call, and who is ignored", commands: CALL_COMMANDS },
  { title: "Memory", about: "what was said before", commands: HISTORY_COMMANDS },
  { title: "Connection", about: "being online", commands: SERVER_COMMANDS },
  { title: "Settings", about: "how it looks and sounds", commands: SETTINGS_COMMANDS },
  { title: "Program", about: "the program itself", commands: HELP_AND_QUIT_COMMANDS },
];

/** The commands, in the order of /help. */
export const COMMANDS: readonly Command[] = COMMAND_GROUPS.flatMap(({ commands }) => commands);

/**
 * The command of that name.
 *
 * @throws {SyntaxError} where there is none
 */
export function findCommand(name: string): Command {
  const word = name.toLowerCase();
  const command = COMMANDS.find((command) => command.name === word);
  if (command !== undefined) return command;
  const near = nearest(word);
  const hint = near === undefined ? "/help lists them" : `did you mean /${near}?`;
  throw new SyntaxError(`there is no command /${name}; ${hint}`);
}

/** The group of that title, if any. */
export function findGroup(title: string): CommandGroup | undefined {
  return COMMAND_GROUPS.find((group) => group.title.toLowerCase() === title.toLowerCase());
}

/** The command that was perhaps meant: one that begins so, or differs in a letter or two. */
function nearest(word: string): string | undefined {
  if (word === "") return undefined;
  const names = COMMANDS.map(({ name }) => name);
  const begun = names.find((name) => name.startsWith(word));
  if (begun !== undefined) return begun;
  const near = closestString(word, names);
  return levenshteinDistance(word, near) <= Math.min(2, word.length - 1) ? near : undefined;
}
