import { formatAddress } from "../../protocol/mod.ts";
import type { Chat, OnlineUser } from "../core/mod.ts";
import { typed } from "./user_query.ts";

/**
 * Whom lines go to. While somebody is being called they are held, and where the call comes to
 * nothing they are not sent: they were not meant for whoever is there instead.
 */
export type Target =
  | { readonly kind: "chat"; readonly chat: Chat }
  | Calling
  | Missed;

/** Somebody was called and not reached. */
export interface Missed {
  readonly kind: "missed";
  readonly name: string;
  /** The chat that was current before. */
  readonly before: Chat | undefined;
}

/** Somebody is being called, or looked for. */
export interface Calling {
  readonly kind: "calling";
  readonly name: string;
  user?: OnlineUser;
  readonly held: string[];
  heldUnits: number;
  givenUp: boolean;
}

/** Somebody who begins to be called. */
export function callOf(name: string): Calling {
  return { kind: "calling", name, held: [], heldUnits: 0, givenUp: false };
}

/** What becomes of texts for somebody with a key who can't be reached. */
export function waits(name: string): string {
  return `what you write to ${name} waits in the outbox, and goes out by itself`;
}

/** What can be done where somebody was not reached. */
export function whatNow({ name, before }: Missed): string {
  const again = `/talk ${typed(name)} tries again`;
  if (!before?.open) return again;
  const same = isCalled(name, before.name);
  const where = formatAddress(before.address, before.port);
  const whom = same ? `${before.name}@${where}` : typed(before.name);
  return `${again}, /talk ${whom} goes back to ${before.name}`;
}

/** Whether WHO, as it was typed, may mean somebody of that name. */
export function isCalled(who: string, name: string): boolean {
  const [typed, folded] = [who.toLowerCase(), name.toLowerCase()];
  return typed === folded || typed.startsWith(`${folded}@`);
}
