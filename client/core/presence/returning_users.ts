import type { OnlineUser } from "../online_user.ts";
import type { TableRows } from "./table_rows.ts";

/** A difference between a replaced table and the new one. */
export interface TableChange {
  readonly type: "online" | "offline" | "presence";
  readonly user: OnlineUser;
}

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

/**
 * Compares the users of a replaced table with the rows of the new one. Those who are in both get their ids
 * of before.
 *
 * @returns those who may still come back, and what has changed for all others
 */
export function compareTables(
  before: Iterable<OnlineUser>,
  rows: TableRows,
): { readonly missing: ReturningUsers; readonly changes: readonly TableChange[] } {
  const missing = new ReturningUsers(before);
  const changes: TableChange[] = [];
  const fresh: OnlineUser[] = [];
  for (const user of [...rows]) {
    const known = missing.take(user);
    const numbered = rows.renumber(user, known?.id ?? user.id);
    if (known === undefined) fresh.push(numbered);
    else if (looksDifferent(known, numbered)) changes.push({ type: "presence", user: numbered });
  }
  for (const user of [...missing].filter(({ own }) => own)) {
    missing.take(user);
    changes.push({ type: "offline", user });
  }
  for (const user of fresh) {
    const moved = missing.takeMoved(user);
    if (moved !== undefined) changes.push({ type: "offline", user: moved });
    changes.push({ type: "online", user });
  }
  return { missing, changes };
}

/** Whether a shown field of a user has changed, as far as both servers have sent it. */
export function looksDifferent(
  { details: before }: OnlineUser,
  { details: now }: OnlineUser,
): boolean {
  if (before === undefined || now === undefined) return false;
  return before.availability !== now.availability || before.status !== now.status ||
    before.reachability !== now.reachability;
}
