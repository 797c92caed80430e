import { formatAddress } from "../../protocol/mod.ts";
import type { Chat, OnlineUser, Room } from "../core/mod.ts";
import { formatQuery, formatTyped, type UserQuery } from "./user_query.ts";

/** The destination of lines. Those held during a call are not sent if it fails: nobody else should get them. */
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

export interface OutgoingCall {
  readonly type: "calling";
  readonly name: string;
  readonly who: UserQuery;
  user?: OnlineUser;
  /** The texts typed so far, and their length in UTF-16 units. */
  readonly held: string[];
  heldUnits: number;
  readonly abort: AbortController;
}

export function newCall(who: UserQuery): OutgoingCall {
  const abort = new AbortController();
  return { type: "calling", name: who.text, who, held: [], heldUnits: 0, abort };
}

/** Says that messages for a user with a key wait while that user can't be reached. */
export function describeQueueing(name: string): string {
  return `messages to ${name} wait in the outbox and are sent automatically`;
}

/** Says what to do after a failed call. */
export function describeNextStep({ name, who, before }: FailedCall): string {
  const again = `/talk ${formatTyped(who)} tries again`;
  if (before?.state !== "open") return again;
  const where = formatAddress(before.address, before.port);
  const whom = formatQuery(before.name, mayMean(name, before.name) ? where : undefined);
  return `${again}, /talk ${whom} goes back to ${before.name}`;
}

/** Whether a typed WHO may mean a user of that name. */
export function mayMean(who: string, name: string): boolean {
  const [typed, folded] = [who.toLowerCase(), name.toLowerCase()];
  return typed === folded || typed.startsWith(`${folded}@`);
}
