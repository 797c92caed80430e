import type { Chat, Messenger, OnlineUser, Pin } from "../core/mod.ts";
import { nameOwners } from "./name_owners.ts";
import {
  assertNotSelf,
  isReachable,
  isWith,
  matchFolded,
  resolveOne,
  type UserQuery,
} from "./user_query.ts";
import { nameKey } from "../../protocol/mod.ts";

const ONLINE = "online; /who shows who is";
const byName = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** Finds users and chats by name, by address, or by a number from the last /who. */
export class UserResolver {
  readonly #messenger: Messenger;
  #numbered: readonly OnlineUser[] = [];

  constructor(messenger: Messenger) {
    this.#messenger = messenger;
  }

  /**
   * The online users by name, numbered for later.
   *
   * @param part only names that contain this
   */
  list(part: string): readonly OnlineUser[] {
    const folded = part.toLowerCase();
    this.#numbered = [...this.#messenger.users]
      .filter(({ name }) => name.toLowerCase().includes(folded))
      .sort((a, b) => byName.compare(a.name, b.name));
    return this.#numbered;
  }

  /** The user with that number in the last list; undefined if WHO is no number. */
  numbered({ text, quoted }: UserQuery): OnlineUser | undefined {
    return !quoted && /^\d+$/.test(text) ? this.#numbered[Number(text) - 1] : undefined;
  }

  /**
   * Finds an open chat, an online user, or the queued chat of a contact who is offline.
   *
   * @throws {ClientError} `not-online` if there is none, or more than one
   */
  find(who: UserQuery): Chat | OnlineUser {
    const users = [...this.#messenger.users];
    const others = users.filter(({ own }) => !own);
    const all = isReachable(this.#messenger.chats, others);
    const numbered = this.numbered(who);
    if (numbered === undefined) {
      assertNotSelf(who.text, users, all);
      const isNumber = !who.quoted && /^\d+$/.test(who.text);
      const known = isNumber || matchFolded(who.text, all).length > 0
        ? undefined
        : this.#messenger.contacts.find((pin) => nameKey(pin.name) === nameKey(who.text));
      if (known !== undefined) return this.#messenger.chatWith(known);
      const where = isNumber ? "a number from the last /who" : ONLINE;
      return resolveOne(who.text, where, all, nameOwners(who.text, this.#messenger, all));
    }
    assertNotSelf(numbered.name, [numbered], []);
    return all.find((one) => "state" in one && isWith(one, numbered, others)) ?? numbered;
  }

  /** The name that WHO means, even if nobody can be reached under it. */
  nameOf(who: UserQuery): string {
    const { chats, users } = this.#messenger;
    const [one] = matchFolded(who.text, [...chats, ...users]);
    return (this.numbered(who) ?? one)?.name ?? who.text.replace(/@[^@]*$/, "");
  }

  /** The contact that an online user is, if the key is the known one. */
  contact({ name, details }: OnlineUser): Pin | undefined {
    const key = details?.identity.toHex();
    return this.#messenger.contacts.find((pin) =>
      nameKey(pin.name) === nameKey(name) && pin.identity.toHex() === key
    );
  }

  /** The inactive chat with a peer of that name; undefined if there is none, or several. */
  inactive({ text }: UserQuery): Chat | undefined {
    const chats = matchFolded(text, this.#messenger.chats).filter(({ state }) => state !== "open");
    return chats.length === 1 ? chats[0] : undefined;
  }

  /** Another open chat with the same user, who may have run two programs and ended one. */
  otherWith({ name, identity }: Chat): Chat | undefined {
    const key = identity?.toHex();
    if (key === undefined) return undefined;
    return this.#messenger.chats.find((chat) =>
      chat.state === "open" && chat.name === name && chat.identity?.toHex() === key
    );
  }

  /**
   * Finds a chat, open or inactive.
   *
   * @throws {ClientError} `not-online`
   */
  chatWith(who: UserQuery): Chat {
    const { chats, users } = this.#messenger;
    const user = this.numbered(who);
    const chat = user && chats.find((chat) => isWith(chat, user, [...users]));
    const called = user === undefined ? who.text : `${user.name}@${user.address}`;
    return chat ?? resolveOne(called, "in a chat with you; /chats lists your chats", chats);
  }
}
