import { formatAddress } from "../../protocol/mod.ts";
import { parseLeadingQuery, parseQuery } from "../app/mod.ts";
import type { Command } from "./command.ts";

/** Talking, and going from chat to chat. */
export const CHAT_COMMANDS: readonly Command[] = [
  {
    name: "talk",
    args: "WHO",
    help:
      "call somebody, or go to a chat; WHO is a name, name@address, name@address:port or a number of /who",
    example: "/talk bob",
    run: async (context, args) => {
      if (args === "") throw new SyntaxError("expected somebody to talk to: /talk NAME");
      await context.activeChat.talk(parseQuery(args));
    },
  },
  {
    name: "msg",
    args: "WHO TEXT",
    help: 'say something to somebody, staying in this chat; "quotes" around a name with spaces',
    example: "/msg bob lunch at noon?",
    run: async (context, args) => {
      const { who, rest } = parseLeadingQuery(args);
      if (rest === "") throw new SyntaxError("expected somebody and a text: /msg NAME TEXT");
      await context.activeChat.message(who, rest);
    },
  },
  {
    name: "close",
    args: "[WHO]",
    help: "end this chat, or the one with WHO; gives up a call under way",
    example: "/close bob",
    run: (context, args) => context.activeChat.close(args === "" ? undefined : parseQuery(args)),
  },
  {
    name: "next",
    args: "",
    help: "go to the next chat with something unread, or just to the next",
    example: "/next",
    run: (context) => context.activeChat.next(),
  },
  {
    name: "chats",
    args: "",
    help: "list your chats, numbered for Alt-1 to Alt-9",
    example: "/chats",
    run: (context) => {
      const { chats } = context.messenger;
      if (chats.length === 0) context.note("no chats; /talk NAME starts one");
      for (const [index, chat] of chats.entries()) {
        const unread = context.activeChat.unread.get(chat) ?? 0;
        const where = formatAddress(chat.address, chat.port);
        const state = (chat.state === "open" ? "" : ", inactive") +
          (chat === context.activeChat.current ? ", current" : "") +
          (unread === 0 ? "" : `, ${unread} unread`);
        context.note(`${index + 1}  chat with ${chat.name} at ${where}${state}`);
      }
    },
  },
];
