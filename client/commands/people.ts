import type { Command } from "./command.ts";

/** Who is there. */
export const PEOPLE: readonly Command[] = [
  {
    name: "who",
    args: "",
    help: "list who is online, numbered",
    example: "/who",
    run: (console) => {
      console.listUsers();
      if (console.messenger.state !== "online") {
        console.note("not connected: this is who was online then; /login connects again");
      }
    },
  },
];
