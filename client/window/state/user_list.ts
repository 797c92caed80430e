import { ConfusableContacts, type Messenger, type OnlineUser, type Pin } from "../../core/mod.ts";
import type { UserRow } from "../messages.ts";
import { type Somebody, userRow } from "./view_rows.ts";
import { nameKey } from "../../../protocol/mod.ts";

/** What the list reads. */
type UserSource = Pick<Messenger, "users" | "contacts" | "securityOf">;

/**
 * The rows that pages show: everyone in the messenger's table, by its ids, and the contacts who are not
 * online, by negative numbers. Keeps only what pages know of each row beside the table.
 */
export class UserList {
  readonly #source: UserSource;
  /** What pages know, by id: how sure it is who that is, and who looks alike. */
  readonly #known = new Map<number, string>();
  /** The users of whom an event has come since the last change. */
  readonly #changed = new Set<number>();
  /** Whether contacts may have come, gone or changed. */
  #contactsChanged = true;
  /** The version of the table that pages know. */
  #version = -1;
  /** The contacts who are not online, by key and name. */
  #away = new Map<string, Somebody>();
  readonly #awayIds = new Map<string, number>();

  constructor(source: UserSource) {
    this.#source = source;
  }

  /** All rows, as a new page shows them. Others have to be told of the changes first. */
  get rows(): UserRow[] {
    const contacts = new ConfusableContacts(this.#source.contacts);
    return [...this.#source.users, ...this.#away.values()].map((user) => this.#row(user, contacts));
  }

  /** The user of a row; undefined for one who is no longer there. */
  user(id: number): Somebody | undefined {
    return this.#source.users.get(id) ??
      this.#away.values().find((contact) => contact.id === id);
  }

  /** A user is online, gone or different. */
  note({ id }: OnlineUser, type: "online" | "offline" | "presence"): void {
    this.#changed.add(id);
    if (type !== "presence") this.#contactsChanged = true;
  }

  /**
   * What pages have to be told since the last time.
   *
   * @param pinsChanged whether how sure it is who users are may have changed, too
   */
  changes(pinsChanged: boolean): { readonly changed: UserRow[]; readonly removed: number[] } {
    const { users, contacts } = this.#source;
    const isReplaced = users.replacedAt > this.#version;
    this.#version = users.version;
    if (isReplaced || pinsChanged || this.#contactsChanged) this.#updateAway(contacts);
    const alike = new ConfusableContacts(contacts);
    const changed: UserRow[] = [];
    const seen = new Set<number>();
    const look = (user: Somebody) => {
      seen.add(user.id);
      const row = this.#row(user, alike);
      const known = `${row.security} ${row.confusableWith}`;
      if (this.#known.get(user.id) === known && !this.#changed.has(user.id)) return;
      this.#known.set(user.id, known);
      changed.push(row);
    };
    const isWhole = isReplaced || pinsChanged;
    const some = isWhole ? users : [...this.#changed].flatMap((id) => users.get(id) ?? []);
    for (const user of some) look(user);
    for (const contact of this.#away.values()) look(contact);
    const removed = [...isWhole ? this.#known.keys() : this.#changed, ...this.#awayIds.values()]
      .filter((id) => !seen.has(id) && this.#known.delete(id));
    this.#changed.clear();
    this.#contactsChanged = false;
    return { changed, removed };
  }

  #row(user: Somebody, alike: ConfusableContacts): UserRow {
    const { name, own, details, pin } = user;
    const identity = pin?.identity ?? details?.identity;
    const confusableWith = own ? undefined : alike.of({ name, identity })?.name;
    const security = pin === undefined
      ? this.#source.securityOf(user)
      : pin.verified
      ? "verified"
      : "pinned";
    return userRow(user, security, confusableWith);
  }

  #updateAway(contacts: readonly Pin[]): void {
    this.#away = new Map();
    if (contacts.length === 0) return;
    const keys = new Set<string>();
    const names = new Set<string>();
    for (const { name, details } of this.#source.users) {
      keys.add(details?.identity.toHex() ?? "");
      names.add(nameKey(name));
    }
    for (const pin of contacts) {
      const key = pin.identity.toHex();
      // A contact who is online under another key is in the list already, and marked.
      if (keys.has(key) || names.has(nameKey(pin.name))) continue;
      const contact = `${key} ${pin.name}`;
      const id = this.#awayIds.getOrInsertComputed(contact, () => -1 - this.#awayIds.size);
      this.#away.set(contact, { id, name: pin.name, address: "", port: 0, own: false, pin });
    }
  }
}
