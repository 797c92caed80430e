import { closestString } from "@std/text/closest-string";
import { levenshteinDistance } from "@std/text/levenshtein-distance";
import type { Context } from "../app/mod.ts";

/** A command that users type: a row of the table. /help and completion read it, so they can't lie. */
export interface Command {
  /** Its name, without the slash. */
  readonly name: string;
  readonly args: string;
  /** The description, in one line. */
  readonly help: string;
  /** A line that a user could type. */
  readonly example: string;
  /** Only if it changes where lines go: the name of that place, for these arguments. */
  readonly placeOf?: (args: string) => string;
  /** Runs it with the trimmed arguments. Errors are shown to the user; /help reads the table. */
  run(context: Context, args: string, table: CommandTable): void | Promise<void>;
}

/** Commands that belong together. No title is the name of a command: /help takes both. */
export interface CommandGroup {
  readonly title: string;
  readonly about: string;
  readonly commands: readonly Command[];
  /** Whether /help lists it. Default: always. */
  readonly isListed?: (context: Context) => boolean;
}

/** All commands, in the order of /help. */
export class CommandTable {
  readonly groups: readonly CommandGroup[];
  readonly commands: readonly Command[];

  constructor(groups: readonly CommandGroup[]) {
    this.groups = groups;
    this.commands = groups.flatMap(({ commands }) => commands);
  }

  /** @throws {SyntaxError} if there is no such command; suggests a similar one */
  find(name: string): Command {
    const word = name.toLowerCase();
    const command = this.commands.find((command) => command.name === word);
    if (command !== undefined) return command;
    const near = this.nearest(name);
    const hint = near === undefined ? "/help lists all commands" : `did you mean /${near.name}?`;
    throw new SyntaxError(`Unknown command /${name}; ${hint}`);
  }

  findGroup(title: string): CommandGroup | undefined {
    return this.groups.find((group) => group.title.toLowerCase() === title.toLowerCase());
  }

  /** The command of that name, or one that begins with it, or differs from it in a letter or two. */
  nearest(name: string): Command | undefined {
    const word = name.toLowerCase();
    if (word === "") return undefined;
    const named = (name: string) => this.commands.find((command) => command.name === name);
    const near = named(word) ?? this.commands.find(({ name }) => name.startsWith(word));
    if (near !== undefined) return near;
    const closest = closestString(word, this.commands.map(({ name }) => name));
    const isNear = levenshteinDistance(word, closest) <= Math.min(2, word.length - 1);
    return isNear ? named(closest) : undefined;
  }
}
