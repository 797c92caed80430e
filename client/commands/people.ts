import { listAge } from "../list_age.ts";
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
      const age = listAge(console.messenger);
      if (age !== undefined) console.note(age);
    },
  },
];
