import { staleNotice, userBadges } from "../app/mod.ts";
import type { Command } from "./command.ts";

export const WHO_COMMANDS: readonly Command[] = [
  {
    name: "who",
    args: "[PART]",
    help: "list who is online, by name, numbered; with PART, only names that contain it",
    example: "/who an",
    run: ({ messenger, users, emit }, part) => {
      const listed = users.list(part);
      const badges = userBadges(messenger, listed);
      listed.forEach((user, index) =>
        emit({ type: "user", number: index + 1, user, badges: badges[index] })
      );
      emit({ type: "users", count: listed.length, ...part !== "" && { part } });
      const notice = staleNotice(messenger);
      if (notice !== undefined) emit({ type: "note", text: notice });
    },
  },
];
