/**
 * The commands that users type: each is a row in the file of its group. Faces read this table, so
 * that /help, completion and what is done can't differ.
 *
 * @module
 */

import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import { AVAILABILITY } from "./presence.ts";
import { CALLERS } from "./calls.ts";
import { CHATS } from "./chats.ts";
import type { Command } from "./command.ts";
import { KEYS } from "./keys.ts";
import { MEMORY } from "./history.ts";
import { OUTBOX } from "./outbox.ts";
import { PEOPLE } from "./who.ts";
import { PROGRAM } from "./help_and_quit.ts";
import { SERVER } from "./server.ts";
import { SETTINGS } from "./settings.ts";

/** Commands that belong together. None is called as a command is: /help takes both. */
export interface Group {
  readonly title: string;
  /** What they are for. */
  readonly about: string;
  readonly commands: readonly Command[];
}

/** The commands by what they are for, in the order of /help. */
export const GROUPS: readonly Group[] = [
  { title: "Chatting", about: "to people, and from chat to chat", commands: [...CHATS, ...OUTBOX] },
  { title: "People", about: "who is there", commands: [...PEOPLE, ...AVAILABILITY] },
  { title: "Keys", about: "who is who", commands: KEYS },
  { title: "Calls", about: "who may call, and who is ignored", commands: CALLERS },
  { title: "Memory", about: "what was said before", commands: MEMORY },
  { title: "Connection", about: "being online", commands: SERVER },
  { title: "Settings", about: "how it looks and sounds", commands: SETTINGS },
  { title: "Program", about: "the program itself", commands: PROGRAM },
];

/** The commands, in the order of /help. */
export const COMMANDS: readonly Command[] = GROUPS.flatMap(({ commands }) => commands);

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
export function findGroup(title: string): Group | undefined {
  return GROUPS.find((group) => group.title.toLowerCase() === title.toLowerCase());
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
