import { formatAddress } from "../../protocol/mod.ts";
import type { Chat, OnlineUser } from "../core/mod.ts";
import { formatQuery } from "./user_query.ts";

/**
 * Whom lines go to. While somebody is being called they are held, and where the call comes to
 * nothing they are not sent: they were not meant for whoever is there instead.
 */
export type SendTarget =
  | { readonly type: "chat"; readonly chat: Chat }
  | Calling
  | FailedCall;

/** Somebody was called and not reached. */
export interface FailedCall {
  readonly type: "missed";
  readonly name: string;
  /** The chat that was current before. */
  readonly before: Chat | undefined;
}

/** Somebody is being called, or looked for. */
export interface Calling {
  readonly type: "calling";
  readonly name: string;
  user?: OnlineUser;
  readonly held: string[];
  heldUnits: number;
  givenUp: boolean;
}

/** Somebody who begins to be called. */
export function callOf(name: string): Calling {
  return { type: "calling", name, held: [], heldUnits: 0, givenUp: false };
}

/** What becomes of texts for somebody with a key who can't be reached. */
export function canQueueTo(name: string): string {
  return `what you write to ${name} waits in the outbox, and goes out by itself`;
}

/** What can be done where somebody was not reached. */
export function describeNextStep({ name, before }: FailedCall): string {
  const again = `/talk ${formatQuery(name)} tries again`;
  if (!before?.open) return again;
  const same = isCalled(name, before.name);
  const where = formatAddress(before.address, before.port);
  const whom = same ? `${before.name}@${where}` : formatQuery(before.name);
  return `${again}, /talk ${whom} goes back to ${before.name}`;
}

/** Whether WHO, as it was typed, may mean somebody of that name. */
export function isCalled(who: string, name: string): boolean {
  const [typed, folded] = [who.toLowerCase(), name.toLowerCase()];
  return typed === folded || typed.startsWith(`${folded}@`);
}
