import { ConfusableContacts, type OnlineUser, type Pin, type Security } from "../../core/mod.ts";
import type { UserRow } from "../messages.ts";
import { type Somebody, userRow } from "./view_rows.ts";
import { formatAddress, nameKey } from "../../../protocol/mod.ts";

/** The online list as pages know it: rows by number, compared with the messenger's own list. */
export class UserList {
  readonly #securityOf: (user: Somebody) => Security;
  #rows = new Map<Somebody, UserRow>();
  #users = new Map<number, Somebody>();
  #last = 0;
  /** Contacts who are not there, by key and name. */
  #contacts = new Map<string, Somebody>();

  /** @param securityOf how sure it is who somebody is */
  constructor(securityOf: (user: Somebody) => Security) {
    this.#securityOf = securityOf;
  }

  /** All rows. */
  get rows(): UserRow[] {
    return [...this.#rows.values()];
  }

  /** Who is meant by a row; undefined for who is no longer there. */
  user(id: number): Somebody | undefined {
    return this.#users.get(id);
  }

  /**
   * Takes over who is online now.
   *
   * @param contacts who is known; those who are not online are listed, too
   * @param anew whether what is known of those who stay may have changed, too
   * @returns what is different
   */
  update(
    users: readonly OnlineUser[],
    contacts: readonly Pin[],
    anew = false,
  ): { readonly changed: readonly UserRow[]; readonly removed: readonly number[] } {
    const before = this.#rows;
    this.#rows = new Map();
    const fresh: Somebody[] = [];
    for (const user of [...users, ...this.#away(users, contacts)]) {
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
    const alike = new ConfusableContacts(contacts);
    for (const user of fresh) {
      const old = left.get(keyOf(user))?.shift();
      const { name, own, details } = user;
      const identity = user.pin?.identity ?? details?.identity;
      const like = own ? undefined : alike.of({ name, identity })?.name;
      const row = userRow(user, old?.id ?? ++this.#last, this.#securityOf(user), like);
      this.#rows.set(user, row);
      this.#users.set(row.id, user);
      if (old === undefined || JSON.stringify(old) !== JSON.stringify(row)) add.push(row);
    }
    const gone = [...left.values()].flat().map(({ id }) => id);
    for (const id of gone) this.#users.delete(id);
    return { changed: add, removed: gone };
  }

  /** The contacts who are not online; the same objects as long as they stay so. */
  #away(users: readonly OnlineUser[], contacts: readonly Pin[]): Somebody[] {
    if (contacts.length === 0) return [];
    const online = new Set(users.map(({ details }) => details?.identity.toHex()));
    const names = new Set(users.map(({ name }) => nameKey(name)));
    const before = this.#contacts;
    this.#contacts = new Map();
    for (const pin of contacts) {
      const key = pin.identity.toHex();
      // Who is online under another key is in the list already, and marked.
      if (online.has(key) || names.has(nameKey(pin.name))) continue;
      const id = `${key} ${pin.name}`;
      const known = before.get(id);
      const same = known?.pin?.verified === pin.verified;
      const away = { name: pin.name, address: "", port: 0, own: false, pin };
      this.#contacts.set(id, same && known !== undefined ? known : away);
    }
    return [...this.#contacts.values()];
  }
}

function keyOf({ name, address, port }: Somebody): string {
  return `${name}@${formatAddress(address, port)}`;
}
