import {
  type Chat,
  ClientError,
  type Contact,
  type Messenger,
  type OnlineUser,
} from "../core/mod.ts";
import {
  type AliasedPerson,
  isAliased,
  isSamePerson,
  type NamedOne,
  resolveAlias,
} from "./resolve_alias.ts";
import { NO_STORED_NAMES, type StoredNames } from "./stored_names.ts";
import { assertOwner } from "./assert_owner.ts";
import { MetNames, type MetPerson } from "./met_names.ts";
import { nameOwners } from "./name_owners.ts";
import {
  assertNotSelf,
  beforeAddress,
  formatQuery,
  isNumber,
  isOffline,
  isOwner,
  isReachable,
  isWith,
  keyOf,
  matchFolded,
  namesIn,
  parseLeadingQuery,
  resolveOne,
  type UserCandidate,
  type UserQuery,
} from "./user_query.ts";
import { formatAddress, nameKey, sanitizeName } from "../../protocol/mod.ts";

const ONLINE = "online; /who shows who is";

/** Finds users and chats by name, by address, or by a number from the last /who. */
export class UserResolver {
  readonly #messenger: Messenger;
  readonly #stored: StoredNames;
  readonly #met = new MetNames();
  #numbered: readonly OnlineUser[] = [];
  /** The place in that list at which its next page begins, and the filter of the list. */
  #nextPage = 0;
  #part = "";

  constructor(
    messenger: Messenger,
    stored: StoredNames = NO_STORED_NAMES,
  ) {
    this.#messenger = messenger;
    this.#stored = stored;
  }

  /** Remembers someone for this run: the name still means them once they have left. */
  meet(person: MetPerson): void {
    this.#met.meet(person);
  }

  /** The online users whose names contain the text, sorted by name, numbered for later. */
  list(part: string): readonly OnlineUser[] {
    const folded = nameKey(part);
    const byName = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
    this.#numbered = [...this.#messenger.users]
      .filter(({ name }) => nameKey(name).includes(folded))
      .sort((a, b) => byName.compare(a.name, b.name));
    return this.#numbered;
  }

  /**
   * A page of a list: its first after a list of its own, or with `more` that behind the one before. A
   * user who is called so is listed instead.
   */
  page(part: string, rows: number): {
    readonly from: number;
    readonly listed: readonly OnlineUser[];
    readonly part: string;
  } {
    const goesOn = part === "more" && this.#nextPage < this.#numbered.length && !this.isKnown(part);
    if (!goesOn) {
      this.#nextPage = 0;
      this.#part = part;
      this.list(part);
    }
    const from = this.#nextPage;
    this.#nextPage += rows;
    return { from, listed: this.#numbered, part: this.#part };
  }

  /**
   * The user with that number in the last list; undefined if WHO is no number.
   *
   * @param others other candidates that WHO may mean
   * @throws {SyntaxError} if somebody else is called so
   */
  numbered(who: UserQuery, others: readonly NamedOne[] = []): OnlineUser | undefined {
    const listed = isNumber(who) ? this.#numbered[Number(who.text) - 1] : undefined;
    if (listed === undefined) return undefined;
    const named: NamedOne[] = [...this.#called(), ...others];
    for (const { name, isExact } of this.#met.called(who.text)) if (isExact) named.push({ name });
    const namesake = named.find((one) =>
      nameKey(one.name) === nameKey(who.text) && !isSamePerson(one, listed)
    );
    const aliased = this.#withAlias(who).find((person) => !isAliased(listed, person));
    const other = namesake ?? aliased;
    if (other === undefined) return listed;
    const { name, address, port } = listed;
    const what = namesake === undefined
      ? `${sanitizeName(other.name)}, whom you call so`
      : `the name "${sanitizeName(other.name)}"`;
    throw new SyntaxError(
      `${who.text} could be ${what}, or number ${who.text} of the last /who; write ` +
        `${formatQuery(other.name)}, or ${formatQuery(name, formatAddress(address, port))}`,
    );
  }

  /** All who are called anything now, but for the user. */
  #called(): NamedOne[] {
    const { calls, chats, trust, users } = this.#messenger;
    const others = [...users].filter(({ own }) => !own);
    return [...chats, ...calls.pending, ...trust.contacts, ...others];
  }

  /** The people whom the user calls so. */
  #withAlias({ text }: UserQuery): AliasedPerson[] {
    const { contacts } = this.#messenger.trust;
    return this.#stored.withAlias(text).map((name) => ({
      name,
      key: contacts.find((contact) => contact.name === name)?.identity.toHex() ?? "",
    }));
  }

  /** Asks a server that does not tell of everybody about the people whom WHO may mean. */
  async lookUp(query: UserQuery): Promise<void> {
    const { users } = this.#messenger;
    if (!users.isPartial || this.numbered(query) !== undefined) return;
    await users.lookUp(...namesIn(query), ...this.#stored.withAlias(query.text));
  }

  /** An open chat, a user, or a chat whose messages wait; throws `not-online` unless it is one. */
  find(query: UserQuery): Chat | OnlineUser {
    const who = this.numbered(query) === undefined ? this.withoutAlias(query) : query;
    const found = this.#findOrHint(who);
    const isOther = this.numbered(who) === undefined && !this.#isPinned(found, who);
    const gone = isOther ? this.#otherThan(found, query) : undefined;
    if (gone === undefined) return found;
    const { name, address, port } = found;
    const other = address === ""
      ? formatQuery(name)
      : formatQuery(name, formatAddress(address, port));
    const message = `${gone} is not online; ${other} may be someone else`;
    throw new ClientError("not-online", { reason: "offline", name: gone }, { message });
  }

  /** The same for lines: a name that belongs to a key means its owner; throws `peer-unconfirmed`. */
  findOwner(query: UserQuery): Chat | OnlineUser {
    const found = this.find(query);
    if (this.numbered(query) === undefined) {
      assertOwner(query, found, this.#messenger, this.#stored.ofOtherName);
    }
    return found;
  }

  /** Texts go to nobody by a name of before, which somebody else may have now: the user is told of it. */
  #findOrHint(who: UserQuery): Chat | OnlineUser {
    try {
      return this.#find(who);
    } catch (error) {
      const other = isOffline(error) ? this.#stored.ofOtherName(who.text) : undefined;
      if (!isOffline(error) || other === undefined) throw error;
      const message = `${who.text} is not online; ${formatQuery(other)} has gone by that name`;
      throw new ClientError("not-online", error.details, { message });
    }
  }

  /**
   * The name of someone who was met in this run, whom WHO means rather than the one found under a name
   * spelled otherwise; undefined for nobody. The owner of a name has all its spellings that nobody used.
   */
  #otherThan(found: Chat | OnlineUser, { text }: UserQuery): string | undefined {
    if (found.name === text || sanitizeName(found.name) === text) return undefined;
    const key = keyOf(found);
    const { trust, users } = this.#messenger;
    const present = new Set(this.#presentNames());
    const owns = isOwner(found, trust.contacts) ||
      matchFolded(found.name, [...users]).some((user) =>
        users.ownsName(user) && keyOf(user) === key
      );
    return this.#met.called(text).find((met) =>
      met.name !== found.name && !present.has(met.name) && (key === "" || met.key !== key) &&
      (met.isExact || !owns)
    )?.name;
  }

  /** The names of all people to whom messages can be sent now. */
  #presentNames(): string[] {
    const { chats, users } = this.#messenger;
    const open = chats.all.filter(({ state }) => state === "open");
    return [...open, ...users].map(({ name }) => name);
  }

  #find(who: UserQuery): Chat | OnlineUser {
    const users = [...this.#messenger.users];
    const others = users.filter(({ own }) => !own);
    const all = isReachable(this.#messenger.chats.all, others);
    const numbered = this.numbered(who);
    if (numbered !== undefined) {
      assertNotSelf(numbered.name, [numbered], []);
      return all.find((one) => "state" in one && isWith(one, numbered, others)) ?? numbered;
    }
    assertNotSelf(who, users, all);
    const known = isNumber(who) || matchFolded(who, all).length > 0
      ? undefined
      : this.#messenger.trust.contacts.find((pin) => nameKey(pin.name) === nameKey(who.text));
    if (known !== undefined) {
      return this.#underOtherName(known, all) ?? this.#messenger.chats.with(known);
    }
    if (!isNumber(who) && matchFolded(who, all).length === 0) {
      const waiting = matchFolded(who, this.#waiting());
      if (waiting.length > 0) return resolveOne(who, ONLINE, waiting);
    }
    const where = isNumber(who) ? "a number from the last /who" : ONLINE;
    return resolveOne(who, where, all, nameOwners(who, this.#messenger, all));
  }

  /** The chat with a contact who has another name now, else the row of the table. */
  #underOtherName(
    contact: Contact,
    all: readonly (Chat | OnlineUser)[],
  ): Chat | OnlineUser | undefined {
    const key = contact.identity.toHex();
    const there = all.filter((one) => keyOf(one) === key);
    const chats = this.#messenger.chats.all.filter((chat) =>
      chat.state === "queued" && keyOf(chat) === key
    );
    return there.find((one) => "state" in one) ?? there.at(-1) ??
      chats.find(({ name }) => nameKey(name) === nameKey(contact.name)) ?? chats[0];
  }

  /** Whether this is the contact of that name, perhaps under another name. */
  #isPinned(found: Chat | OnlineUser, { text }: UserQuery): boolean {
    return this.#messenger.trust.contacts.some(({ name, identity }) =>
      nameKey(name) === nameKey(text) && identity.toHex() === keyOf(found)
    );
  }

  /**
   * The chats with a key in which messages wait for the peer to be back, unless someone else had the same
   * name later, who may be meant instead.
   */
  #waiting(): Chat[] {
    return this.#messenger.chats.all.filter((chat) =>
      chat.state === "queued" && keyOf(chat) !== "" &&
      !this.#met.called(chat.name).some(({ name, key }) =>
        name === chat.name && key !== keyOf(chat)
      )
    );
  }

  /**
   * WHO, with the name in the place of the user's own for that person.
   *
   * @throws {ClientError} `not-online` if somebody else may be meant
   */
  withoutAlias(who: UserQuery): UserQuery {
    const people = this.#withAlias(who);
    if (people.length === 0) return who;
    const met = this.#met.called(who.text).map(({ name, key }) => ({
      name,
      identity: Uint8Array.fromHex(key),
    }));
    const person = resolveAlias(who.text, people, [...this.#called(), ...met]);
    // The same person may be called so now.
    if (person === undefined || this.isKnown(who.text)) return who;
    return { text: person.name, quoted: true };
  }

  /** The one among these whom WHO, which is no number, would mean; undefined for nobody, or several. */
  whom(who: UserQuery, there: readonly UserCandidate[]): UserCandidate | undefined {
    try {
      const one = resolveOne(who, ONLINE, there, nameOwners(who, this.#messenger, there));
      return this.#withAlias(who).every((person) => isAliased(one, person)) ? one : undefined;
    } catch {
      return undefined;
    }
  }

  /** @throws {SyntaxError} if a longer name may be meant as well: quotes have to settle that */
  splitLeading(line: string): { readonly who: UserQuery; readonly rest: string } {
    const leading = parseLeadingQuery(line);
    if (leading.rest === "" || line.trimStart().startsWith('"')) return leading;
    const folded = `${nameKey(line)} `;
    const longer = this.#longNames().find((name) =>
      /\s/.test(name) && folded.startsWith(`${nameKey(name)} `)
    );
    if (longer === undefined) return leading;
    const first = `"${leading.who.text}"`;
    throw new SyntaxError(`${first} or ${formatQuery(longer)}? Quotes say which one you mean`);
  }

  /** The name that WHO means exactly as it is written, or by its number; see {@linkcode numbered}. */
  exactName(who: UserQuery, others: readonly NamedOne[] = []): string | undefined {
    const numbered = this.numbered(who, others);
    if (numbered !== undefined) return numbered.name;
    return this.#names().find((name) => name === who.text) ??
      this.#names().find((name) => sanitizeName(name) === who.text);
  }

  /** Whether this is the name of a known user, ignoring case. */
  isKnown(name: string): boolean {
    return this.#names().some((one) => nameKey(one) === nameKey(name));
  }

  /** Whether the same is the name of someone who was known before, by the history for example. */
  wasKnown(name: string): boolean {
    const key = nameKey(name);
    return this.isKnown(name) || this.#longNames().some((one) => nameKey(one) === key);
  }

  /** @throws if WHO means two names, as {@linkcode withoutAlias} does; it need not be the name of anybody online */
  nameOf(who: UserQuery): string {
    const exact = this.exactName(who);
    if (this.numbered(who) === undefined) this.withoutAlias(who);
    const before = who.quoted ? undefined : beforeAddress(who.text);
    if (exact !== undefined && before !== undefined && this.#names().includes(before)) {
      throw new SyntaxError(
        `${exact} could be a name, or the address of ${before}; write ` +
          `${formatQuery(before)}, or the name in quotes`,
      );
    }
    const key = nameKey(before ?? who.text);
    return exact ?? this.#names().find((name) => name === before) ??
      this.#names().find((name) => nameKey(name) === key) ?? this.#withAlias(who)[0]?.name ??
      before ?? who.text;
  }

  /** The names of chats, online users, callers and contacts. */
  #names(): string[] {
    const { calls, chats, trust, users } = this.#messenger;
    return [...chats, ...users, ...calls.pending, ...trust.contacts].map(({ name }) => name);
  }

  /** Names of several words that a line may begin with, whether somebody has them now or had them once. */
  #longNames(): string[] {
    const names = [
      ...this.#names(),
      ...this.#numbered.map(({ name }) => name),
      ...this.#met.names,
      ...this.#messenger.calls.ignored.flatMap(({ name }) => name ?? []),
      ...this.#stored.all(),
    ];
    return names.filter((name) => /\s/.test(name));
  }

  /** The contact that an online user is, if the key is the known one. */
  contact({ name, details }: OnlineUser): Contact | undefined {
    return this.#messenger.trust.contacts.find((contact) =>
      nameKey(contact.name) === nameKey(name) && contact.identity.equals(details?.identity)
    );
  }

  /**
   * The inactive chat without a key with a peer of that name, which never takes a line again; undefined if
   * there is none, or several.
   */
  inactive(who: UserQuery): Chat | undefined {
    const chats = matchFolded(who, this.#messenger.chats.all).filter((chat) =>
      chat.state === "closed" && keyOf(chat) === "" && this.#otherThan(chat, who) === undefined
    );
    return chats.length === 1 ? chats[0] : undefined;
  }

  /** Another open chat with the same user, who may have run two programs and ended one. */
  otherWith({ name, identity }: Chat): Chat | undefined {
    return identity &&
      this.#messenger.chats.all.find((chat) =>
        chat.state === "open" && chat.name === name && identity.equals(chat.identity)
      );
  }

  /** @throws {ClientError} `not-online` unless one chat, open or inactive, is meant */
  chatWith(query: UserQuery): Chat {
    const { chats, users } = this.#messenger;
    const user = this.numbered(query);
    const who = user === undefined ? this.withoutAlias(query) : query;
    const chat = user && chats.all.find((chat) => isWith(chat, user, [...users]));
    const called = user === undefined ? who : `${user.name}@${user.address}`;
    return chat ?? resolveOne(called, "in a chat with you; /chats lists your chats", chats.all);
  }
}
