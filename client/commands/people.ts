import type { Command } from "./command.ts";

/** Who is there. */
export const PEOPLE: readonly Command[] = [
  {
    name: "who",
    args: "[PART]",
    help: "list who is online, by name, numbered; with PART in the name",
    example: "/who an",
    run: (console, args) => {
      console.listUsers(args);
      if (console.messenger.state !== "online") {
        console.note("not connected: this is who was online then; /login connects again");
      }
    },
  },
];
