import {
  type Contact,
  type Messenger,
  type OnlineUser,
  PublicKey,
  type Room,
  type RoomMember,
} from "../core/mod.ts";
import { displayName, nameKey } from "../../protocol/mod.ts";
import { isNumber, matchExact, matchFolded, type UserQuery } from "./user_query.ts";
import type { UserResolver } from "./user_resolver.ts";

/** Whether what is typed for WHO means a room: `#NAME`, not in quotes. */
export function isRoomQuery(text: string): boolean {
  return text.startsWith("#");
}

/** `#NAME TEXT`: the room and the text. */
export function splitRoom(args: string): { readonly room: string; readonly rest: string } {
  const [, room = args, rest = ""] = /^(\S+)\s+([^]*)$/.exec(args) ?? [];
  return { room, rest };
}

/** The rooms of which the user is a member, the oldest first. */
export function joinedRooms({ rooms }: Pick<Messenger, "rooms">): Room[] {
  return rooms.all.filter(({ state }) => state === "joined");
}

/**
 * The room that `#NAME` or `#NAME~TAG` means: one that was left only if there is no other.
 *
 * @throws {SyntaxError} if there is none, or more than one
 */
export function findRoom({ rooms }: Pick<Messenger, "rooms">, text: string): Room {
  const named = rooms.named(text);
  const present = named.filter(({ state }) => state !== "left");
  const found = present.length > 0 ? present : named;
  const [room, ...others] = found;
  if (room === undefined && rooms.lobby === undefined) {
    throw new SyntaxError("There are no rooms without a key: this client speaks classic MIM only");
  }
  if (room === undefined) {
    throw new SyntaxError(`There is no room ${text} here; /rooms lists yours, /room new makes one`);
  }
  if (others.length === 0) return room;
  const labels = found.map(({ label }) => label).join(" or ");
  throw new SyntaxError(`${text} may mean several rooms: write ${labels}`);
}

/**
 * The person whom WHO means for an invitation: someone who is online, or a contact.
 *
 * @throws {SyntaxError} if that one has no key
 * @throws {ClientError} as {@linkcode UserResolver.find}
 */
export function findGuest(
  { trust, users: table }: Pick<Messenger, "trust" | "users">,
  users: UserResolver,
  query: UserQuery,
): OnlineUser | Pick<Contact, "name" | "identity"> {
  const who = users.numbered(query) === undefined ? users.withoutAlias(query) : query;
  const isListed = isNumber(who) || matchFolded(who, [...table]).length > 0;
  const contact = trust.contacts.find(({ name }) => nameKey(name) === nameKey(who.text));
  if (!isListed && contact !== undefined) return contact;
  const found = users.find(who);
  const identity = "state" in found ? found.identity : found.details?.identity;
  if (identity === undefined || identity.length === 0) {
    const name = displayName(found.name);
    throw new SyntaxError(
      `${name} speaks classic MIM, which has no rooms: only users with a key can be members`,
    );
  }
  return "state" in found ? { name: found.name, identity: new PublicKey(identity) } : found;
}

/**
 * The member or guest of a room that WHO means.
 *
 * @throws {SyntaxError} if there is none, or more than one
 */
export function findMember(room: Room, who: UserQuery): RoomMember {
  const candidates = room.members.map((member) => ({
    ...{ name: member.name, address: "", port: 0, identity: member.identity, member },
  }));
  const exact = matchExact(who, candidates);
  const found = exact.length > 0 ? exact : matchFolded(who, candidates);
  const [one, ...others] = found;
  if (one !== undefined && others.length === 0) return one.member;
  const what = one === undefined ? "is no member" : "may mean several members";
  throw new SyntaxError(`${who.text} ${what} of ${room.label}; /members lists them`);
}

/** Whether a text has the user's name as a word of its own. */
export function mentions(text: string, name: string): boolean {
  const folded = nameKey(name);
  if (folded === "") return false;
  const words = nameKey(text);
  for (let at = words.indexOf(folded); at >= 0; at = words.indexOf(folded, at + 1)) {
    const [before, after] = [words.slice(0, at), words.slice(at + folded.length)];
    if (!/[\p{L}\p{N}_]$/u.test(before) && !/^[\p{L}\p{N}_]/u.test(after)) return true;
  }
  return false;
}
