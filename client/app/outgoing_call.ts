import { clientLimits, type OnlineUser } from "../core/mod.ts";
import { displayName } from "../../protocol/mod.ts";
import { isRoomQuery } from "./room_query.ts";
import type { UserQuery } from "./user_query.ts";

/**
 * A call or another way to a place that is in progress, and the texts that are typed meanwhile: if it fails,
 * nobody else should get them.
 */
export class OutgoingCall {
  readonly type = "calling";
  readonly who: UserQuery;
  /** What is in progress: `calling`, `joining`, … */
  readonly action: string;
  user: OnlineUser | undefined;
  readonly #abort = new AbortController();
  readonly #held: string[] = [];
  /** Their length in UTF-16 units. */
  #heldUnits = 0;

  constructor(who: UserQuery, action = "calling") {
    this.who = who;
    this.action = action;
  }

  get name(): string {
    return this.who.text;
  }

  /** The name in a sentence: a room's as it is. */
  get label(): string {
    return isRoomQuery(this.name) ? this.name : displayName(this.name);
  }

  /** Aborts when the user gives the call up. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  giveUp(): void {
    this.#abort.abort();
  }

  /** Holds a text until the call is answered; false if too much is waiting already. */
  hold(text: string): boolean {
    if (this.#heldUnits + text.length > clientLimits.bufferedBytes) return false;
    this.#heldUnits += text.length;
    this.#held.push(text);
    return true;
  }

  /** Takes out the texts that were typed so far. */
  takeHeld(): string[] {
    return this.#held.splice(0);
  }
}
