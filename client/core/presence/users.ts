import type { WaitOptions } from "../events.ts";
import type { OnlineUser } from "../online_user.ts";

/**
 * Everyone who is online, the client itself included, as last known; in the order in which they came. A server
 * with many users may tell only of some: see {@linkcode Users.isPartial}.
 */
export interface Users extends Iterable<OnlineUser> {
  /** How many users there are. */
  readonly size: number;
  /** The own entry. */
  readonly own: OnlineUser | undefined;
  /** Since when it is not kept up to date; undefined while it is. */
  readonly staleSince: Date | undefined;
  /**
   * Resolves once the table of the current session is complete, or the session has ended. A MIM/2 server
   * marks the end; a classic one's table is complete after 0.25 s in which nobody was added.
   */
  readonly ready: Promise<void>;
  /** Grows with each change. */
  readonly version: number;
  /** The version at which another table took the place of all rows, without an event for each. */
  readonly replacedAt: number;
  /** The user with that id; undefined once that user has gone. */
  get(id: number): OnlineUser | undefined;
  /**
   * Whether the server has so many users that it tells only of those who are watched: the contacts, those
   * in chats and rooms, and the users that {@linkcode Users.lookUp} and {@linkcode Users.search} ask for.
   */
  readonly isPartial: boolean;
  /** How many users the server had at the login. */
  readonly total: number;
  /**
   * Has the server tell of everybody who has one of these names, now and later; resolves once it has, or
   * after two seconds. Does nothing if it tells of everybody.
   */
  lookUp(...names: readonly string[]): Promise<void>;
  /**
   * The same for those whose names begin like this, at most a hundred of them; a single character is too
   * little. They stay in the table until many others were searched for.
   */
  search(start: string): Promise<void>;
  /**
   * Waits until someone else of that name is online; of several, the one with exactly that name.
   *
   * @throws {DOMException} `TimeoutError`; the signal's reason once it is aborted
   */
  find(name: string, options?: WaitOptions): Promise<OnlineUser>;
  /** Whether a user's name belongs to that user's key, as the server has certified. */
  ownsName(user: OnlineUser): boolean;
}
