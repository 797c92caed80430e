import type { Command, CommandTable } from "./command.ts";
import { listSettings, setSetting } from "./settings.ts";

/** So wide is a list of commands: with it /help fits a screen of 80 by 24. */
const WIDTH = 78;

/** The program itself. */
export const HELP_AND_QUIT_COMMANDS: readonly Command[] = [
  {
    name: "help",
    args: "[COMMAND]",
    help: "list the commands by group; explain one of them, or all of a group",
    example: "/help talk",
    run: (context, args, table) => {
      const group = table.findGroup(args);
      if (args === "") overview(table).forEach((line) => context.note(line));
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
    help: "list what may be set, or set it, for now and later",
    example: "/set joins off",
    run: (context, args) => {
      const [key = "", value = ""] = args.split(/\s+(.*)/s, 2);
      return key === "" ? listSettings(context) : setSetting(context, key, value);
    },
  },
  {
    name: "quit",
    args: "",
    help: "close every chat, log out and leave",
    example: "/quit",
    run: (context) => context.quit(),
  },
];

/** A command and what stands behind it. */
function usage({ name, args }: Command): string {
  return `/${name} ${args}`.trim();
}

/** All commands, on one screen. */
function overview({ groups }: CommandTable): string[] {
  return [
    ...groups.flatMap(({ title, about, commands }) => [
      `${title}: ${about}`,
      ...inRows(commands.map(usage)),
    ]),
    "/help chatting explains a group, with examples, and /help talk a command",
    "any other line goes to the current chat; //text says a text that starts with /",
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
