import { isNotOwner, isOwner, isWith, keyOf, nameOwners } from "../../app/mod.ts";
import { type Chat, ClientError, type OnlineUser, type Pin, PublicKey } from "../../core/mod.ts";
import type { RequestResult } from "../messages.ts";
import { type Conversation, type ListedUser, type WindowState, wordingOf } from "../state/mod.ts";

export type Answer = (result: RequestResult) => void;

/** Calls users, each in a conversation, and ends calls and chats. */
export class CallRequests {
  readonly #state: WindowState;

  constructor(state: WindowState) {
    this.#state = state;
  }

  /**
   * Calls a user of the list. With a contact who is offline, a chat opens whose messages are
   * queued.
   */
  async call(user: ListedUser, answer: Answer): Promise<void> {
    if (user.own) throw new ClientError("not-online", { reason: "self", name: user.name });
    if (user.pin !== undefined) return this.#openOffline(user.pin, answer);
    await this.#call(this.#state.conversations.openWith(withKey(user)), user, answer);
  }

  /** Opens the conversation with a user of the list, and calls nobody. */
  open(user: ListedUser, answer: Answer): void {
    if (user.own) throw new ClientError("not-online", { reason: "self", name: user.name });
    const { conversations } = this.#state;
    const isNew = conversations.all.every(({ name }) => name !== user.name);
    const conversation = conversations.openWith(withKey(user));
    if (isNew) this.#state.publishSecurity();
    answer({ type: "show", chat: conversation.id });
  }

  /** Calls the peer of a conversation again, in the same conversation. */
  async callAgain(conversation: Conversation, answer: Answer): Promise<void> {
    const user = await this.#lookUpUser(conversation);
    if (user !== undefined) return await this.#call(conversation, user, answer);
    const pin = this.#findPin(conversation);
    if (pin !== undefined) return this.#openOffline(pin, answer);
    throw new ClientError("not-online", { reason: "offline", name: conversation.name });
  }

  /**
   * The chat to which a line of a conversation goes. In an idle one, the first line calls; a contact is
   * not waited for: what they can't get now is queued.
   *
   * @throws {ClientError} if there is none
   */
  async chatFor(conversation: Conversation): Promise<Chat> {
    const { messenger } = this.#state;
    const { chat, state } = conversation;
    const isUsable = chat !== undefined && chat.state !== "closed" &&
      messenger.chats.all.includes(chat);
    if (isUsable && state !== "closed" && state !== "calling") return chat;
    if (state === "idle" || state === "away") {
      const pin = this.#findPin(conversation);
      const user = await this.#lookUpUser(conversation);
      const isKnownKey = pin !== undefined &&
        (user === undefined || keyOf(user) === pin.identity.toHex());
      if (isKnownKey) {
        conversation.load();
        conversation.chat = messenger.chats.with(pin);
        if (conversation.chat.state !== "open") this.#state.conversations.setAway(conversation);
        return conversation.chat;
      }
      if (user === undefined) {
        throw new ClientError("not-online", { reason: "offline", name: conversation.name });
      }
      // A name means its owner; whoever is called, or opened in the list, was chosen.
      if (isNotOwner(user.name, user) && !isWith(conversation, user, [])) {
        throw new ClientError("peer-unconfirmed", { name: user.name, isNotOwner: true });
      }
      await this.#call(conversation, user, () => {});
      if (conversation.chat?.state === "open") return conversation.chat;
    }
    throw new ClientError("chat-closed", { reason: "closed", name: conversation.name });
  }

  #findPin({ name }: Conversation): Pin | undefined {
    return this.#state.messenger.trust.contacts.find((pin) => pin.name === name);
  }

  /** The same; a server that does not tell of everybody is asked. */
  async #lookUpUser(conversation: Conversation): Promise<OnlineUser | undefined> {
    const { users } = this.#state.messenger;
    const user = this.#findUser(conversation);
    if (user !== undefined || !users.isPartial) return user;
    await users.lookUp(conversation.name);
    return this.#findUser(conversation);
  }

  #findUser(conversation: Conversation): OnlineUser | undefined {
    const { messenger } = this.#state;
    const users = [...messenger.users].filter(({ own }) => !own);
    const key = conversation.chat?.identity?.toHex();
    const named = users.filter(({ name }) => name === conversation.name);
    // Whoever has that key, and nobody else: a namesake may be an impostor.
    if (key !== undefined) return named.find((user) => keyOf(user) === key);
    const namesakes = named.filter(({ address }) =>
      [address, ""].includes(conversation.address) || conversation.chat === undefined
    );
    const owners = nameOwners(conversation.name, messenger, namesakes);
    return users.find((user) => isWith(conversation, user, users)) ??
      namesakes.findLast((user) => isOwner(user, owners)) ?? namesakes[0];
  }

  /** Ends the call or chat of a conversation, and leaves it. */
  async close(conversation: Conversation): Promise<void> {
    const { messenger, conversations } = this.#state;
    conversation.calling?.abort.abort();
    conversations.leave(conversation);
    const { chat } = conversation;
    if (chat !== undefined && messenger.chats.all.includes(chat)) await chat.close();
  }

  #openOffline(pin: Pin, answer: Answer): void {
    const { messenger, conversations } = this.#state;
    const chat = messenger.chats.with(pin);
    const conversation = conversations.openWith(chat);
    conversation.load();
    conversation.chat = chat;
    answer({ type: "show", chat: conversation.id });
    if (chat.state !== "open") conversations.setAway(conversation);
  }

  async #call(conversation: Conversation, user: OnlineUser, answer: Answer): Promise<void> {
    answer({ type: "show", chat: conversation.id });
    if (conversation.chat?.state === "open" || conversation.calling !== undefined) return;
    const { messenger, conversations } = this.#state;
    const abort = new AbortController();
    conversation.calling = { user, abort };
    conversation.security = messenger.trust.securityOf(user);
    conversations.setState(conversation, "calling");
    try {
      conversations.onCallAnswered(conversation, await messenger.chats.call(user, abort));
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!(error instanceof ClientError)) throw error;
      if (conversation.state !== "calling") return;
      if (error.is("peer-key-mismatch")) {
        conversation.security = "changed";
        const isOther = error.details.reason === "other-letters"; // who can't become the contact
        conversation.trustOffer = isOther ? undefined : keyOf(user) === "" ? "classic" : "key";
      }
      const wording = wordingOf(error);
      const notice = { code: "failed", text: wording.text, wording } as const;
      conversations.setState(conversation, "closed", notice);
    } finally {
      conversation.calling = undefined;
    }
  }
}

function withKey(user: ListedUser): ListedUser & Pick<Chat, "identity"> {
  const identity = user.pin?.identity ?? user.details?.identity;
  const hasKey = identity !== undefined && identity.length > 0;
  return { ...user, identity: hasKey ? new PublicKey(identity) : undefined };
}
