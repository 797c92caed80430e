import { staleNotice } from "../app/mod.ts";
import type { Command } from "./command.ts";

/** Who is there. */
export const WHO_COMMANDS: readonly Command[] = [
  {
    name: "who",
    args: "[PART]",
    help: "list who is online, by name, numbered; with PART in the name",
    example: "/who an",
    run: (context, args) => {
      context.listUsers(args);
      const age = staleNotice(context.messenger);
      if (age !== undefined) context.note(age);
    },
  },
];
