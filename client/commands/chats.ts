import { displayName, displayRoom, formatAddress, quote } from "../../protocol/mod.ts";
import { findRoom, isRoomQuery, joinedRooms, parseQuery, splitRoom } from "../app/mod.ts";
import type { Command } from "./command.ts";

export const CHAT_COMMANDS: readonly Command[] = [
  {
    name: "talk",
    args: "WHO",
    help:
      "go to a chat or a room, or call someone; WHO is a name, name@address, name@address:port, a number " +
      "from /who, or #ROOM",
    example: "/talk bob",
    placeOf: (args) => args,
    run: async (context, args) => {
      if (args === "") throw new SyntaxError("Expected a user: /talk NAME");
      if (isRoomQuery(args)) {
        const room = findRoom(context.messenger, args);
        if (room.state === "joined") return await context.activeChat.goToRoom(room);
        const isOpen = room.state === "invited" || room.name === "lobby";
        const next = isOpen ? `/join ${room.label} joins it` : "its members can invite you";
        throw new SyntaxError(`You are no member of ${displayRoom(room.label)}; ${next}`);
      }
      await context.activeChat.talk(parseQuery(args));
    },
  },
  {
    name: "msg",
    args: "WHO TEXT",
    help: 'send a message without leaving this chat; put "quotes" around a name with spaces',
    example: "/msg bob lunch at noon?",
    run: async (context, args) => {
      if (isRoomQuery(args)) {
        const { room, rest } = splitRoom(args);
        if (rest === "") throw new SyntaxError("Expected a room and a text: /msg #ROOM TEXT");
        await findRoom(context.messenger, room).send(rest);
        return;
      }
      const { who, rest } = context.users.splitLeading(args);
      if (rest === "") throw new SyntaxError("Expected a user and a text: /msg NAME TEXT");
      await context.activeChat.message(who, rest);
    },
  },
  {
    name: "close",
    args: "[WHO]",
    help: "close this chat or the one with WHO, or cancel a call under way",
    example: "/close bob",
    run: (context, args) => context.activeChat.close(args === "" ? undefined : parseQuery(args)),
  },
  {
    name: "next",
    args: "",
    help: "go to the next chat with unread messages, or to the next chat",
    example: "/next",
    run: (context) => context.activeChat.next(),
  },
  {
    name: "chats",
    args: "",
    help: "list your chats and rooms, numbered for Alt-1 to Alt-9",
    example: "/chats",
    run: (context) => {
      const chats = context.messenger.chats.all;
      const rooms = joinedRooms(context.messenger);
      if (chats.length + rooms.length === 0) context.note("No chat is open; /talk NAME starts one");
      for (const [index, chat] of chats.entries()) {
        const unread = context.activeChat.unread.get(chat) ?? 0;
        const where = chat.address === "" ? "" : ` at ${formatAddress(chat.address, chat.port)}`;
        const { security, identity } = chat;
        const tag = security === "unconfirmed" && identity !== undefined ? ` ${identity.tag}` : "";
        const state = `, ${security}${tag}` + (chat.state === "open" ? "" : ", inactive") +
          (chat === context.activeChat.current ? ", current" : "") +
          (unread === 0 ? "" : `, ${unread} unread`);
        const { alias } = context.people.factsOf(chat.knownAs ?? chat.name);
        const called = alias === "" || chat.identity === undefined ? "" : ` (${quote(alias)})`;
        context.note(`${index + 1}  chat with ${displayName(chat.name)}${called}${where}${state}`);
      }
      for (const [index, room] of rooms.entries()) {
        const state = (room === context.activeChat.room ? ", current" : "") +
          (room.unread === 0 ? "" : `, ${room.unread} unread`);
        context.note(`${chats.length + index + 1}  room ${displayRoom(room.label)}${state}`);
      }
    },
  },
];
