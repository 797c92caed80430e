import type { OnlineUser } from "../online_user.ts";

/** What of a table is new to those who know an earlier one. */
export interface PresenceChange {
  readonly type: "online" | "offline" | "presence";
  readonly user: OnlineUser;
}

/**
 * Compares the table that comes with a new login with the one before. Until it is complete nothing is
 * told. Who is missing then may be about to come back, as this client did, and is told of later.
 */
export class PresenceDiff {
  /** Who was there before and has not come back. */
  readonly #missing = new Map<string, OnlineUser[]>();
  /** Who was not there before, while the table comes in. */
  #fresh: OnlineUser[] | undefined = [];

  constructor(before: readonly OnlineUser[]) {
    for (const user of before) {
      const same = this.#missing.get(keyOf(user));
      if (same === undefined) this.#missing.set(keyOf(user), [user]);
      else same.push(user);
    }
  }

  /** Who was there before and has not come back. */
  get missing(): OnlineUser[] {
    return [...this.#missing.values()].flat();
  }

  /** What to tell of an Add. */
  added(user: OnlineUser): PresenceChange[] {
    const before = this.#take(user);
    if (before !== undefined) {
      return looksDifferent(before, user) ? [{ type: "presence", user }] : [];
    }
    if (this.#fresh === undefined) return this.#new(user);
    this.#fresh.push(user);
    return [];
  }

  /** What to tell of somebody whose availability, say, is another now. */
  changed(user: OnlineUser): PresenceChange[] {
    const at = this.#fresh?.findIndex((fresh) => keyOf(fresh) === keyOf(user)) ?? -1;
    if (at < 0) return [{ type: "presence", user }];
    this.#fresh?.splice(at, 1, user);
    return [];
  }

  /** What to tell of a Delete. */
  deleted(user: OnlineUser): PresenceChange[] {
    const at = this.#fresh?.findIndex((fresh) => keyOf(fresh) === keyOf(user)) ?? -1;
    if (at < 0) return [{ type: "offline", user }];
    this.#fresh?.splice(at, 1);
    return [];
  }

  /** The table is complete: who is new in it, and who has another address now. */
  complete(): PresenceChange[] {
    const fresh = this.#fresh ?? [];
    this.#fresh = undefined;
    return [...this.#gone(({ own }) => own), ...fresh.flatMap((user) => this.#new(user))];
  }

  /** Who is missing still has gone. */
  end(): PresenceChange[] {
    return this.#gone(() => true);
  }

  /** Who is new may be somebody who is missing, at another address or port. */
  #new(user: OnlineUser): PresenceChange[] {
    const moved = this.missing.find(({ name }) => name === user.name);
    const gone: PresenceChange[] = moved === undefined ? [] : [{ type: "offline", user: moved }];
    if (moved !== undefined) this.#take(moved);
    return [...gone, { type: "online", user }];
  }

  #gone(which: (user: OnlineUser) => boolean): PresenceChange[] {
    const gone = this.missing.filter(which);
    for (const user of gone) this.#take(user);
    return gone.map((user) => ({ type: "offline", user }));
  }

  /** Takes one such entry out of those missing. */
  #take(user: OnlineUser): OnlineUser | undefined {
    const same = this.#missing.get(keyOf(user));
    const taken = same?.pop();
    if (same?.length === 0) this.#missing.delete(keyOf(user));
    return taken;
  }
}

function keyOf({ name, address, port }: OnlineUser): string {
  return `${port} ${address} ${name}`;
}

/** Whether what is shown of somebody is another than before, as far as both servers told it. */
function looksDifferent({ details: before }: OnlineUser, { details: now }: OnlineUser): boolean {
  if (before === undefined || now === undefined) return false;
  return before.availability !== now.availability || before.status !== now.status ||
    before.reachability !== now.reachability;
}
