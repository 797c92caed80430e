import { formatAddress } from "../../protocol/mod.ts";
import type { OnlineUser, Security } from "../core/mod.ts";
import type { UserRow } from "./bridge.ts";
import { userRow } from "./shown.ts";

/** The online list as pages know it: rows by number, compared with the messenger's own list. */
export class People {
  readonly #securityOf: (user: OnlineUser) => Security;
  #rows = new Map<OnlineUser, UserRow>();
  #users = new Map<number, OnlineUser>();
  #last = 0;

  /** @param securityOf how sure it is who somebody is */
  constructor(securityOf: (user: OnlineUser) => Security) {
    this.#securityOf = securityOf;
  }

  /** All rows. */
  get rows(): UserRow[] {
    return [...this.#rows.values()];
  }

  /** Who is meant by a row; undefined for who is no longer there. */
  user(id: number): OnlineUser | undefined {
    return this.#users.get(id);
  }

  /**
   * Takes over who is online now.
   *
   * @param anew whether what is known of those who stay may have changed, too
   * @returns what is different
   */
  update(
    users: readonly OnlineUser[],
    anew = false,
  ): { readonly add: readonly UserRow[]; readonly gone: readonly number[] } {
    const before = this.#rows;
    this.#rows = new Map();
    const fresh: OnlineUser[] = [];
    for (const user of users) {
      const row = anew ? undefined : before.get(user);
      if (row === undefined) fresh.push(user);
      else this.#rows.set(user, row);
    }
    // Who comes again, or is another object now, keeps the number.
    const left = new Map<string, UserRow[]>();
    for (const [user, row] of before) {
      if (this.#rows.has(user)) continue;
      const same = left.get(keyOf(user));
      if (same === undefined) left.set(keyOf(user), [row]);
      else same.push(row);
    }
    const add: UserRow[] = [];
    for (const user of fresh) {
      const old = left.get(keyOf(user))?.shift();
      const row = userRow(user, old?.id ?? ++this.#last, this.#securityOf(user));
      this.#rows.set(user, row);
      this.#users.set(row.id, user);
      if (old === undefined || JSON.stringify(old) !== JSON.stringify(row)) add.push(row);
    }
    const gone = [...left.values()].flat().map(({ id }) => id);
    for (const id of gone) this.#users.delete(id);
    return { add, gone };
  }
}

function keyOf({ name, address, port }: OnlineUser): string {
  return `${name}@${formatAddress(address, port)}`;
}
