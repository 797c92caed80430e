import type { Context } from "../app/mod.ts";
import type { Command, CommandTable } from "./command.ts";
import { listSettings, setSetting } from "./settings.ts";

/** The width of the list of commands, with which /help fits a screen of 80 by 24. */
const WIDTH = 78;

export const HELP_AND_QUIT_COMMANDS: readonly Command[] = [
  {
    name: "help",
    args: "[COMMAND]",
    help: "list all commands, or explain one command or group",
    example: "/help talk",
    run: (context, args, table) => {
      const group = table.findGroup(args);
      if (args === "") overview(context, table).forEach((line) => context.note(line));
      else (group?.commands ?? [table.find(args.replace(/^\//, ""))]).forEach(explain);

      function explain(command: Command): void {
        context.note(`${usage(command)}: ${command.help}`);
        context.note(`${group === undefined ? "" : "  "}for example: ${command.example}`);
      }
    },
  },
  {
    name: "set",
    args: "[KEY VALUE]",
    help: "list all settings, or change one for now and later",
    example: "/set joins off",
    run: (context, args) => {
      const [key = "", value = ""] = args.split(/\s+(.*)/s, 2);
      return key === "" ? listSettings(context) : setSetting(context, key, value);
    },
  },
  {
    name: "quit",
    args: "",
    help: "close all chats, log out and exit",
    example: "/quit",
    run: (context) => context.quit(),
  },
];

function usage({ name, args }: Command): string {
  return `/${name} ${args}`.trim();
}

function overview(context: Context, table: CommandTable): string[] {
  const groups = table.groups.filter(({ isListed = () => true }) => isListed(context));
  return [
    ...groups.flatMap(({ title, about, commands }) => [
      `${title}: ${about}`,
      ...inRows(commands.map(usage)),
    ]),
    "/help chatting explains a group with examples, /help talk explains a command",
    "Any other line goes to the current chat; //text sends a text that starts with /",
  ];
}

function inRows(words: readonly string[]): string[] {
  const rows = [""];
  for (const word of words) {
    const row = `${rows.at(-1)}  ${word}`;
    if (row.length <= WIDTH) rows[rows.length - 1] = row;
    else rows.push(`  ${word}`);
  }
  return rows;
}
