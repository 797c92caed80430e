import { partialNotice, partialSearchNotice, staleNotice, userBadges } from "../app/mod.ts";
import type { Command } from "./command.ts";

/** So many rows are listed at once. */
const PAGE_ROWS = 1_000;

export const WHO_COMMANDS: readonly Command[] = [
  {
    name: "who",
    args: "[PART]",
    help: "list who is online, by name, numbered; with PART, only names that contain it; " +
      "/who more goes on in a long list",
    example: "/who an",
    run: async (context, args) => {
      const { messenger, users, emit, activeChat } = context;
      if (messenger.users.isPartial && args !== "more") await messenger.users.search(args);
      const rows = activeChat.showsTarget ? PAGE_ROWS : Infinity; // scripts get all
      const { from, listed, part } = users.page(args, rows);
      const page = listed.slice(from, from + rows);
      const badges = userBadges(messenger, page);
      page.forEach((user, index) => {
        const { alias } = context.people.factsOfUser(user);
        const shown = { ...badges[index], ...alias !== "" && { alias } };
        emit({ type: "user", number: from + index + 1, user, badges: shown });
      });
      const end = from + page.length;
      if (end < listed.length) {
        context.note(
          `${end} of ${listed.length} are listed; /who more goes on, /who PART looks for a name`,
        );
      }
      emit({ type: "users", count: listed.length, ...part !== "" && { part } });
      const notice = staleNotice(messenger);
      if (notice !== undefined) emit({ type: "note", text: notice });
      const others = part === ""
        ? partialNotice(messenger, "/who PART")
        : partialSearchNotice(messenger, part);
      if (others !== undefined) emit({ type: "note", text: others });
    },
  },
];
