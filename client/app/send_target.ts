import { displayName, formatAddress, mistakableKey } from "../../protocol/mod.ts";
import type { Chat, Messenger, Room } from "../core/mod.ts";
import type { OutgoingCall } from "./outgoing_call.ts";
import { isSamePerson } from "./resolve_alias.ts";
import { isRoomQuery } from "./room_query.ts";
import { formatQuery, isWith, namesIn, type UserQuery } from "./user_query.ts";

/** The destination of lines. */
export type SendTarget =
  | { readonly type: "chat"; readonly chat: Chat }
  | { readonly type: "room"; readonly room: Room }
  | OutgoingCall
  | FailedCall;

/** A place that lines were meant for, and that was not reached: they go to nobody. */
export interface FailedCall {
  readonly type: "missed";
  readonly who: UserQuery;
  /** As it was typed: a user, `#ROOM` or another place; empty if nothing was. */
  readonly name: string;
  /** Whether that is no user: then nobody who calls can be meant. */
  readonly isPlace?: boolean;
  /** The user who was called, whose name need not have been typed. */
  readonly user?: { readonly name: string } | undefined;
  /** The line that tries it again. */
  readonly again?: string;
  /** The chat or room that was current before. */
  readonly before: Chat | Room | undefined;
}

/** Says that messages for a user with a key wait while that user can't be reached. */
export function describeQueueing(name: string): string {
  return `messages to ${displayName(name)} wait in the outbox and are sent automatically`;
}

/** The target of lines after a command has failed that was to change it; without `again` it has no name. */
export function missedTarget(
  name: string,
  before: Chat | Room | undefined,
  again: string | undefined,
): FailedCall {
  return {
    ...{ type: "missed", name, who: { text: name, quoted: false }, before },
    isPlace: name === "" || again === undefined || isRoomQuery(name),
    ...again !== undefined && { again },
  };
}

/** Says why lines go to nobody after a failed call, and what to do. */
export function describeMissed(missed: FailedCall): string {
  const { name, isPlace } = missed;
  const shown = isPlace === true ? name : displayName(name);
  const why = name === "" ? "" : `${shown} could not be reached; `;
  return why + describeNextStep(missed);
}

/** Says that a failed call is forgotten. */
export function describeLeft({ name, isPlace }: FailedCall): string {
  return isPlace === true
    ? "Lines go to nobody; /talk NAME starts a chat"
    : `Left ${displayName(name)}, who could not be reached`;
}

/** Says that lines go to nobody; undefined if that is not so, or the user has been told. */
export function describeNowhere(target: SendTarget | undefined): string | undefined {
  if (target?.type === "missed") return `Lines go to nobody now; ${describeNextStep(target)}`;
  if (target?.type !== "chat" || target.chat.state !== "closed") return undefined;
  return `Lines go to nobody now: the chat with ${displayName(target.chat.name)} is inactive`;
}

/** Whether the peer of a chat is a contact, or in the table. */
export function isListed({ users }: Pick<Messenger, "users">, chat: Chat): boolean {
  const { security } = chat;
  return security === "pinned" || security === "verified" ||
    [...users].some((user) => !user.own && isWith(chat, user, []));
}

/** Says what to do after a failed call. */
function describeNextStep({ name, again, before }: FailedCall): string {
  const steps = again === undefined ? [] : [`${again} tries again`];
  if (before !== undefined && "members" in before) {
    if (before.state === "joined") steps.push(`/talk ${before.label} goes back there`);
  } else if (before?.state === "open") {
    const where = formatAddress(before.address, before.port);
    const whom = formatQuery(before.name, mayMean(name, before.name) ? where : undefined);
    steps.push(`/talk ${whom} goes back to ${displayName(before.name)}`);
  }
  return steps.length === 0 ? "/talk NAME starts a chat" : steps.join(", ");
}

/** Whether a typed WHO may mean a user of that name, or looks as if it did. */
export function mayMean(who: string, name: string): boolean {
  const key = mistakableKey(name);
  return namesIn(who).some((each) => mistakableKey(each) === key);
}

/**
 * Whether an incoming chat of somebody who is known may become the current one in its place. It must not
 * take the place of a chat that lines can go to, nor come under the name of somebody who has left or has
 * just not been reached, for whom the next lines may be meant.
 */
export function givesWayTo(target: SendTarget | undefined, chat: Chat): boolean {
  switch (target?.type) {
    case undefined:
    case "calling":
      return true;
    case "chat":
      if (target.chat.state !== "closed") return false;
      return isSamePerson(target.chat, chat) || !mayMean(target.chat.name, chat.name);
    case "room":
      return false;
    case "missed":
      return target.isPlace !== true &&
        ![target.name, target.user?.name ?? ""].some((who) => mayMean(who, chat.name));
  }
}
