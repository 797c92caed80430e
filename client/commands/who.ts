import { staleNotice } from "../app/stale_notice.ts";
import type { Command } from "./command.ts";

/** Who is there. */
export const WHO_COMMANDS: readonly Command[] = [
  {
    name: "who",
    args: "[PART]",
    help: "list who is online, by name, numbered; with PART in the name",
    example: "/who an",
    run: (console, args) => {
      console.listUsers(args);
      const age = staleNotice(console.messenger);
      if (age !== undefined) console.note(age);
    },
  },
];
