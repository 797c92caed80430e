import { displayName, formatAddress } from "../../protocol/mod.ts";
import type { Chat, Room } from "../core/mod.ts";
import type { OutgoingCall } from "./outgoing_call.ts";
import { formatQuery, formatTyped, type UserQuery } from "./user_query.ts";

/** The destination of lines. */
export type SendTarget =
  | { readonly type: "chat"; readonly chat: Chat }
  | { readonly type: "room"; readonly room: Room }
  | OutgoingCall
  | FailedCall;

export interface FailedCall {
  readonly type: "missed";
  readonly who: UserQuery;
  readonly name: string;
  /** The chat that was current before. */
  readonly before: Chat | undefined;
}

/** Says that messages for a user with a key wait while that user can't be reached. */
export function describeQueueing(name: string): string {
  return `messages to ${displayName(name)} wait in the outbox and are sent automatically`;
}

/** Says what to do after a failed call. */
export function describeNextStep({ name, who, before }: FailedCall): string {
  const again = `/talk ${formatTyped(who)} tries again`;
  if (before?.state !== "open") return again;
  const where = formatAddress(before.address, before.port);
  const whom = formatQuery(before.name, mayMean(name, before.name) ? where : undefined);
  return `${again}, /talk ${whom} goes back to ${displayName(before.name)}`;
}

/** Whether a typed WHO may mean a user of that name. */
export function mayMean(who: string, name: string): boolean {
  const [typed, folded] = [who.toLowerCase(), name.toLowerCase()];
  return typed === folded || typed.startsWith(`${folded}@`);
}

/**
 * Whether an incoming chat of somebody who is known may become the current one in its place. It must not
 * take the place of a chat that lines can go to, nor come under the name of somebody who has just not been
 * reached, for whom the next lines may be meant.
 */
export function givesWayTo(target: SendTarget | undefined, { name }: Chat): boolean {
  switch (target?.type) {
    case undefined:
    case "calling":
      return true;
    case "chat":
      return target.chat.state === "closed";
    case "room":
      return false;
    case "missed":
      return !mayMean(target.name, name);
  }
}
