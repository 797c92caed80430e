import type { FaceGuard, People } from "../../app/mod.ts";
import { nameKey } from "../../../protocol/mod.ts";
import {
  ConfusableContacts,
  type Messenger,
  type OnlineUser,
  type Pin,
  type Security,
} from "../../core/mod.ts";
import type { UserRow } from "../messages.ts";
import { type ContactFacts, createUserRow, type ListedUser } from "./view_rows.ts";
import { RequestError } from "./wording.ts";

/**
 * The rows of the user list: the messenger's user table, with its ids, and the offline contacts,
 * with negative ids. It stores only what the table does not have.
 */
export class UserList {
  readonly #messenger: Pick<Messenger, "users" | "trust" | "outbox">;
  readonly #people: Pick<People, "factsOf" | "factsOfUser">;
  readonly #guard: Pick<FaceGuard, "run">;
  readonly #knownKeys: () => ReadonlySet<string>;
  /** The known keys when rows were made last. */
  #known: ReadonlySet<string> = new Set();
  /** The published security and confusable contact of each user, by id. */
  readonly #published = new Map<number, string>();
  /** The users with an event since the last publication. */
  readonly #changedIds = new Set<number>();
  /** The contacts of whom something else has changed since then, by key in hex. */
  readonly #changedKeys = new Set<string>();
  /** How many messages wait for each contact, by key in hex. */
  #waiting: ReadonlyMap<string, number> | undefined;
  #isOfflineStale = true;
  /** The version of the table that pages know. */
  #version = -1;
  /** The contacts who are offline, by key and name. */
  #offline = new Map<string, ListedUser>();
  readonly #offlineIds = new Map<string, number>();

  /**
   * @param people what the user has written about contacts
   * @param guard leaves out a row that can't be shown
   * @param knownKeys the keys of peers in chats that count as known, in hex
   */
  constructor(
    messenger: Pick<Messenger, "users" | "trust" | "outbox">,
    people: Pick<People, "factsOf" | "factsOfUser">,
    guard: Pick<FaceGuard, "run">,
    knownKeys: () => ReadonlySet<string>,
  ) {
    this.#messenger = messenger;
    this.#people = people;
    this.#guard = guard;
    this.#knownKeys = knownKeys;
  }

  /** Marks a contact as changed: the user's name or note for them, or what waits for them. */
  markContact(key: string): void {
    this.#changedKeys.add(key);
    this.#waiting = undefined;
  }

  /** Whether pages show that something waits for a contact. */
  hasWaiting(key: string): boolean {
    return this.#waiting === undefined || this.#waiting.has(key);
  }

  /** All rows, as of the last {@linkcode UserList.takeChanges}. */
  get rows(): UserRow[] {
    const contacts = new ConfusableContacts(this.#messenger.trust.contacts);
    this.#known = this.#knownKeys();
    const users = [...this.#messenger.users, ...this.#offline.values()];
    return users.flatMap((user) => this.#tryRow(user, contacts) ?? []);
  }

  /** @throws {RequestError} if the user is gone */
  get(id: number): ListedUser {
    const user = this.find(id);
    if (user === undefined) throw new RequestError("This user is gone", "user-gone");
    return user;
  }

  find(id: number): ListedUser | undefined {
    return this.#messenger.users.get(id) ?? this.#offline.values().find((user) => user.id === id);
  }

  /** Marks a user as changed by an event of that type. */
  markChanged({ id }: OnlineUser, type: "online" | "offline" | "presence"): void {
    this.#changedIds.add(id);
    if (type !== "presence") this.#isOfflineStale = true;
  }

  /**
   * The changes since the last call.
   *
   * @param isSecurityStale whether the security of every user may have changed
   */
  takeChanges(
    isSecurityStale: boolean,
  ): { readonly changed: UserRow[]; readonly removed: number[] } {
    const { users, trust: { contacts } } = this.#messenger;
    const isComplete = isSecurityStale || users.replacedAt > this.#version;
    this.#version = users.version;
    if (isComplete || this.#isOfflineStale) this.#updateOffline(contacts);
    if (isComplete) this.#waiting = undefined;
    if (this.#changedKeys.size > 0) this.#markByKey();
    const confusable = new ConfusableContacts(contacts);
    this.#known = this.#knownKeys();
    const changed: UserRow[] = [];
    const checkedIds = new Set<number>();
    const online = isComplete ? users : [...this.#changedIds].flatMap((id) => users.get(id) ?? []);
    for (const user of [...online, ...this.#offline.values()]) {
      const { id } = user;
      checkedIds.add(id);
      const row = this.#tryRow(user, confusable);
      if (row === undefined) continue;
      const { security, confusableWith, knownAs, alias, note, lastSeen, waiting } = row;
      const all = [security, confusableWith, knownAs, alias, note, lastSeen, waiting];
      const summary = JSON.stringify(all);
      if (this.#published.get(id) === summary && !this.#changedIds.has(id)) continue;
      this.#published.set(id, summary);
      changed.push(row);
    }
    const onlineIds = isComplete ? this.#published.keys() : this.#changedIds;
    const removed = [...onlineIds, ...this.#offlineIds.values()]
      .filter((id) => !checkedIds.has(id) && this.#published.delete(id));
    this.#changedIds.clear();
    this.#isOfflineStale = false;
    return { changed, removed };
  }

  #tryRow(user: ListedUser, contacts: ConfusableContacts): UserRow | undefined {
    return this.#guard.run("a user", () => this.#createRow(user, contacts));
  }

  #createRow(user: ListedUser, contacts: ConfusableContacts): UserRow {
    const { name, own, details, pin } = user;
    const identity = pin?.identity ?? details?.identity;
    const confusableWith = own ? undefined : contacts.find({ name, identity })?.name;
    const security = pin === undefined
      ? this.#securityOf(user)
      : pin.verified
      ? "verified"
      : "pinned";
    const { trust } = this.#messenger;
    const isListed = pin === undefined && !own;
    const isKeyless = details?.identity.length === 0;
    return createUserRow(user, {
      security,
      confusableWith,
      knownAs: isListed ? trust.knownAs(user) : undefined,
      isNotOwner: isListed && isKeyless &&
        (details.isNameClaimed === true || security === "changed"),
      isUncertified: security === "unconfirmed" && !trust.serverCertifies,
    }, this.#factsOf(user));
  }

  #factsOf(user: ListedUser): ContactFacts {
    const { own, details, pin } = user;
    const facts = pin === undefined
      ? this.#people.factsOfUser(user)
      : this.#people.factsOf(pin.name);
    const key = own ? "" : (pin?.identity ?? details?.identity)?.toHex() ?? "";
    return { ...facts, waiting: this.#waitingByKey.get(key) ?? 0 };
  }

  get #waitingByKey(): ReadonlyMap<string, number> {
    if (this.#waiting !== undefined) return this.#waiting;
    const queued = this.#messenger.outbox.filter(({ state }) => state === "queued");
    const byKey = Map.groupBy(queued, ({ identity }) => identity?.toHex() ?? "");
    return this.#waiting = new Map([...byKey].map(([key, { length }]) => [key, length]));
  }

  /** Marks the users with the keys of contacts that have changed. */
  #markByKey(): void {
    for (const { id, details } of this.#messenger.users) {
      if (this.#changedKeys.has(details?.identity.toHex() ?? "")) this.#changedIds.add(id);
    }
    this.#changedKeys.clear();
  }

  /** The same as in the chat with them, if there is one. */
  #securityOf(user: OnlineUser): Security {
    const security = this.#messenger.trust.securityOf(user);
    const key = security === "new" ? user.details?.identity.toHex() ?? "" : "";
    return key !== "" && this.#known.has(key) ? "pinned" : security;
  }

  #updateOffline(contacts: readonly Pin[]): void {
    this.#offline = new Map();
    if (contacts.length === 0) return;
    const keys = new Set<string>();
    const names = new Set<string>();
    for (const { name, details } of this.#messenger.users) {
      keys.add(details?.identity.toHex() ?? "");
      names.add(nameKey(name));
    }
    for (const pin of contacts) {
      const key = pin.identity.toHex();
      // A contact who is online with another key is in the list already, and marked.
      if (keys.has(key) || names.has(nameKey(pin.name))) continue;
      const contact = `${key} ${pin.name}`;
      const id = this.#offlineIds.getOrInsertComputed(contact, () => -1 - this.#offlineIds.size);
      this.#offline.set(contact, { id, name: pin.name, address: "", port: 0, own: false, pin });
    }
  }
}
