/**
 * The commands that users type: each is a row in the file of its group. Faces read this table, so
 * that /help, completion and what is done can't differ.
 *
 * @module
 */

import { CHATS } from "./chats.ts";
import type { Command } from "./command.ts";
import { MEMORY } from "./memory.ts";
import { PEOPLE } from "./people.ts";
import { PROGRAM } from "./program.ts";
import { SERVER } from "./server.ts";

/** The commands by what they are for, in the order of /help. */
export const GROUPS: readonly { readonly title: string; readonly commands: readonly Command[] }[] =
  [
    { title: "Chats", commands: CHATS },
    { title: "People", commands: PEOPLE },
    { title: "What was said", commands: MEMORY },
    { title: "Server", commands: SERVER },
    { title: "Program", commands: PROGRAM },
  ];

/** The commands, in the order of /help. */
export const COMMANDS: readonly Command[] = GROUPS.flatMap(({ commands }) => commands);

/**
 * The command of that name.
 *
 * @throws {SyntaxError} where there is none
 */
export function findCommand(name: string): Command {
  const command = COMMANDS.find((command) => command.name === name.toLowerCase());
  if (command !== undefined) return command;
  const close = COMMANDS.find((command) =>
    name !== "" && command.name.startsWith(name.toLowerCase())
  );
  const hint = close === undefined ? "/help lists them" : `did you mean /${close.name}?`;
  throw new SyntaxError(`there is no command /${name}; ${hint}`);
}
