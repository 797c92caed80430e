import type { OnlineUser } from "../online_user.ts";

/** The users of a replaced table that are not in the new one yet: they may be about to come back. */
export class ReturningUsers implements Iterable<OnlineUser> {
  readonly #byName = new Map<string, OnlineUser[]>();

  constructor(users: Iterable<OnlineUser>) {
    for (const user of users) this.#byName.getOrInsertComputed(user.name, () => []).push(user);
  }

  *[Symbol.iterator](): Generator<OnlineUser, void> {
    for (const users of this.#byName.values()) yield* users;
  }

  /** Takes out a user with that name, address and port. */
  take({ name, address, port }: OnlineUser): OnlineUser | undefined {
    return this.#take(name, (user) => user.address === address && user.port === port);
  }

  /** Takes out a user with that name, who has moved to another address or port. */
  takeMoved({ name }: OnlineUser): OnlineUser | undefined {
    return this.#take(name, () => true);
  }

  #take(name: string, matches: (user: OnlineUser) => boolean): OnlineUser | undefined {
    const users = this.#byName.get(name);
    const index = users?.findIndex(matches) ?? -1;
    if (users === undefined || index < 0) return undefined;
    const [taken] = users.splice(index, 1);
    if (users.length === 0) this.#byName.delete(name);
    return taken;
  }
}

/** Whether what is shown of a user has changed, as far as both servers said it. */
export function looksDifferent(
  { details: before }: OnlineUser,
  { details: now }: OnlineUser,
): boolean {
  if (before === undefined || now === undefined) return false;
  return before.availability !== now.availability || before.status !== now.status ||
    before.reachability !== now.reachability;
}
