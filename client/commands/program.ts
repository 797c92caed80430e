import { findCommand, GROUPS } from "./mod.ts";
import type { Command } from "./command.ts";
import { listSettings, setSetting } from "./set.ts";

/** The program itself. */
export const PROGRAM: readonly Command[] = [
  {
    name: "help",
    args: "[COMMAND]",
    help: "explain the commands, or one of them",
    example: "/help talk",
    run: (console, args) => {
      if (args !== "") {
        const { name, args: what, help, example } = findCommand(args.replace(/^\//, ""));
        console.note(`${`/${name} ${what}`.trim()}: ${help}`);
        return console.note(`for example: ${example}`);
      }
      for (const { title, commands } of GROUPS) {
        console.note(`${title}:`);
        for (const { name, args, help, example } of commands) {
          const such = args === "" ? "" : ` (${example})`;
          console.note(`  ${`/${name} ${args}`.trim()}: ${help}${such}`);
        }
      }
      console.note(
        "Any other line goes to the current chat; //text says a text that starts with /",
      );
    },
  },
  {
    name: "set",
    args: "[KEY VALUE]",
    help: "list what may be set, or set it, for now and later",
    example: "/set joins off",
    run: async (console, args) => {
      const [key = "", value = ""] = args.split(/\s+(.*)/s, 2);
      if (key === "") return await listSettings(console);
      await setSetting(console, key, value);
    },
  },
  {
    name: "quit",
    args: "",
    help: "close every chat, log out and leave",
    example: "/quit",
    run: (console) => console.quit(),
  },
];
