import { displayName, quote } from "../../protocol/mod.ts";
import {
  type Chat,
  ConfusableContacts,
  type Messenger,
  type OnlineUser,
  THIS_MACHINE,
} from "../core/mod.ts";
import { describeDoubt } from "./call_messages.ts";
import type { ClientEvent } from "./events.ts";
import { isKnownOnline } from "./name_owners.ts";
import { formatQuery, isWith } from "./user_query.ts";

/** Said once of a server that certifies nobody, and not of each user. */
export const UNCERTIFIED_NOTE =
  "This server certifies no names: nothing confirms who somebody is until you compare safety numbers";

/**
 * A warning for a chat that opens: nothing confirms the peer's name, it looks like that of a contact or is
 * a contact's new one, or it belongs to a contact at another server. Not yet safe to print.
 */
export function chatWarning(messenger: Messenger, chat: Chat): string | undefined {
  const { name, security, knownAs } = chat;
  const shown = displayName(name);
  const doubt = new ConfusableContacts(messenger.trust.contacts).doubtAbout(chat);
  if (doubt !== undefined) return describeDoubt(doubt, name);
  if (chat.isNotOwner === true) {
    return `this is not the owner of the name ${shown}: it belongs to a key, and this user has none`;
  }
  if (security === "unconfirmed") return describeDoubt({ reason: "unconfirmed" }, name);
  if (knownAs !== undefined) {
    return `this is the key that you know as ${
      displayName(knownAs)
    }, who goes by the name ${shown} ` +
      "now, as the server certifies";
  }
  return otherServerWarning(messenger, chat);
}

/** Says that the peer of a chat that opens is away or busy; undefined if not. Not yet safe to print. */
export function describeAbsence(
  { users }: Pick<Messenger, "users">,
  chat: Chat,
): string | undefined {
  const { details } = [...users].find((user) => isWith(chat, user, [])) ?? {};
  if (details === undefined || details.availability === "online") return undefined;
  const { availability, status } = details;
  const says = status === "" ? "" : `: ${quote(status)}`;
  return `${displayName(chat.name)} is ${availability}${says}`;
}

/** A warning that a peer of that name has a key at another server. Not yet safe to print. */
export function otherServerWarning(
  { trust }: Messenger,
  { name, identity }: Chat,
): string | undefined {
  const [server] = identity === undefined ? trust.serversKnowing(name) : [];
  if (server === undefined) return undefined;
  const shown = displayName(name);
  return `${shown} has a key at ${describeServer(server)}, but this server speaks only classic ` +
    `MIM, so nobody can tell whether this is the same ${shown}`;
}

/** A warning about a changed key, for users that a chat is open with or messages wait for. */
export function userWarning(messenger: Messenger, user: OnlineUser): ClientEvent | undefined {
  const { name, own } = user;
  const isOfInterest = [...messenger.chats, ...messenger.outbox].some((one) => one.name === name);
  if (own || !isOfInterest || messenger.trust.securityOf(user) !== "changed") return undefined;
  const talk = `/talk ${formatQuery(name)}`;
  const shown = displayName(name);
  return isKnownOnline(messenger, name)
    ? {
      type: "note",
      text: `Another ${shown} is online, without the key that you know; ` +
        `${talk} calls the one that you know`,
    }
    : {
      type: "error",
      text: `${shown} is online with a different key than before, or with none: ` +
        `nothing is sent there until you decide; ${talk} tells you what to do`,
    };
}

/** A server as {@linkcode Trust.serversKnowing} names it. */
function describeServer(server: string): string {
  if (server === THIS_MACHINE) return "a server on this machine";
  return server.includes(":") ? server : "another server";
}
