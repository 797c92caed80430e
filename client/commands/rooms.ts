import { displayName, displayRoom } from "../../protocol/mod.ts";
import {
  type Context,
  findGuest,
  findMember,
  findRoom,
  joinedRooms,
  parseQuery,
} from "../app/mod.ts";
import type { Room } from "../core/mod.ts";
import type { Command } from "./command.ts";

export const ROOM_COMMANDS: readonly Command[] = [
  {
    name: "rooms",
    args: "",
    help: "list your rooms, and those that you are invited to",
    example: "/rooms",
    run: (context) => {
      const rooms = context.messenger.rooms.all.filter(({ state }) => state !== "left");
      rooms.forEach((room, index) => context.emit({ type: "room", number: index + 1, room }));
      if (rooms.length === 0) context.note("You are in no room; /room new NAME makes one");
    },
  },
  {
    name: "room",
    args: "new NAME [WHO…]",
    help: "make a room, invite people and go there",
    example: "/room new lab bob carol",
    placeOf: (args) => {
      const name = wordsOf(args).filter((word) => word.toLowerCase() !== "new")[0] ?? "";
      return name === "" ? "" : `#${name.replace(/^#/, "")}`;
    },
    run: async (context, args) => {
      const [word = "", name = "", ...guests] = wordsOf(args);
      if (word.toLowerCase() !== "new" || name === "") {
        throw new SyntaxError("Expected a name: /room new NAME [WHO…]");
      }
      const { messenger, users, activeChat } = context;
      const label = name.replace(/^#/, "");
      let invited: ReturnType<typeof findGuest>[] = [];
      const room = await activeChat.goBy("making", `#${label}`, async () => {
        // Nothing is made if somebody is not known.
        await Promise.all(guests.map((guest) => users.lookUp(parseQuery(guest))));
        invited = guests.map((guest) => findGuest(messenger, users, parseQuery(guest)));
        return await messenger.rooms.create(label);
      });
      for (const guest of invited) await invite(context, room, guest);
    },
  },
  {
    name: "join",
    args: "#ROOM",
    help: "accept an invitation to a room, or join #lobby, and go there",
    example: "/join #lab",
    placeOf: (args) => args === "" ? "" : `#${args.replace(/^#/, "")}`,
    run: async (context, args) => {
      if (args === "") throw new SyntaxError("Expected a room: /join #ROOM");
      const room = findRoom(context.messenger, args);
      const { activeChat } = context;
      if (room.state === "joined") return await activeChat.goToRoom(room);
      await activeChat.goBy("joining", room.label, async () => {
        await room.join();
        return room;
      });
    },
  },
  {
    name: "invite",
    args: "WHO",
    help: "invite someone to this room, online or not",
    example: "/invite bob",
    run: async (context, args) => {
      if (args === "") throw new SyntaxError("Expected a user: /invite WHO");
      const room = roomHere(context);
      await context.users.lookUp(parseQuery(args));
      await invite(context, room, findGuest(context.messenger, context.users, parseQuery(args)));
    },
  },
  {
    name: "members",
    args: "",
    help: "list who is in this room, and who is invited",
    example: "/members",
    run: (context) => {
      const room = roomHere(context);
      for (const { name, role, isOnline, isOwn } of room.members) {
        const words = [
          ...role === "member" ? [] : [role === "guest" ? "invited" : role],
          ...isOwn ? ["you"] : isOnline ? [] : ["not online"],
        ];
        context.note(words.length === 0 ? name : `${name} (${words.join(", ")})`);
      }
      const guests = room.members.filter(({ role }) => role === "guest").length;
      const count = room.members.length - guests;
      const invited = guests === 0 ? "" : `, ${guests} invited`;
      // Who is in the lobby is what the table says.
      const isPartial = room.name === "lobby" && context.messenger.users.isPartial;
      const known = isPartial ? " whom you know of: the server has more" : "";
      context.note(
        `${count} member${count === 1 ? "" : "s"} in ${displayRoom(room.label)}${invited}${known}`,
      );
    },
  },
  {
    name: "topic",
    args: "[TEXT]",
    help: "show or set what this room is about; only its owner sets it",
    example: "/topic lunch at noon",
    run: async (context, args) => {
      const room = roomHere(context);
      if (args !== "") await room.set({ topic: args });
      const topic = room.topic === "" ? "has no topic" : `is about: ${room.topic}`;
      context.note(`${displayRoom(room.label)} ${topic}`);
    },
  },
  {
    name: "admin",
    args: "WHO",
    help: "let a member of this room invite and remove others, or no longer; only its owner may",
    example: "/admin bob",
    run: async (context, args) => {
      if (args === "") throw new SyntaxError("Expected a member: /admin WHO");
      const room = roomHere(context);
      const { identity, name, role } = findMember(room, parseQuery(args));
      if (role === "owner") {
        throw new SyntaxError(`${name} is the owner of this room, and may do more than its admins`);
      }
      await room.setAdmin(identity, role !== "admin");
      context.note(
        `${name} is ${role === "admin" ? "no longer an" : "an"} admin of ${
          displayRoom(room.label)
        }`,
      );
    },
  },
  {
    name: "remove",
    args: "WHO",
    help: "remove a member or a guest from this room",
    example: "/remove bob",
    run: async (context, args) => {
      if (args === "") throw new SyntaxError("Expected a member: /remove WHO");
      const room = roomHere(context);
      await room.remove(findMember(room, parseQuery(args)).identity);
    },
  },
  {
    name: "leave",
    args: "[#ROOM]",
    help: "leave this room or another one for good, or decline an invitation",
    example: "/leave #lab",
    run: async (context, args) => {
      const room = args === "" ? roomHere(context) : findRoom(context.messenger, args);
      if (warnsOwner(context, room, "/leave")) return;
      await room.leave();
      context.activeChat.leaveRoom(room);
    },
  },
];

/** Whether nobody could invite or remove members after the user has left: says so the first time. */
export function warnsOwner(context: Context, room: Room, command: string): boolean {
  const isAlone = room.members.every(({ isOwn, role }) => isOwn || role !== "admin");
  const leavesOthers = room.role === "owner" && isAlone && room.members.length > 1;
  if (!leavesOthers || context.confirms(`${command} ${room.id}`)) return false;
  context.note(
    `You own ${
      displayRoom(room.label)
    }, and it has no admin: nobody could invite or remove members any ` +
      `more. /admin WHO makes one; ${command} again leaves all the same`,
  );
  return true;
}

/** @throws {SyntaxError} if lines don't go to a room */
function roomHere({ activeChat, messenger }: Context): Room {
  const { room } = activeChat;
  if (room !== undefined) return room;
  const [first] = joinedRooms(messenger);
  throw new SyntaxError(
    first === undefined
      ? "You are in no room; /room new NAME makes one"
      : `Go to a room first: /talk ${first.label}`,
  );
}

async function invite(
  context: Context,
  room: Room,
  guest: ReturnType<typeof findGuest>,
): Promise<void> {
  await room.invite(guest);
  const identity = "identity" in guest ? guest.identity : guest.details?.identity;
  const isOnline = room.members.some((member) =>
    member.isOnline && member.identity.equals(identity)
  );
  const when = isOnline ? "" : ", and hears of it once online";
  context.note(`${displayName(guest.name)} is invited to ${displayRoom(room.label)}${when}`);
}

/** The words of a line; those in quotes are one. */
function wordsOf(line: string): string[] {
  return line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
}
