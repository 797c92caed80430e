import { describeError, isOwner, isWith, keyOf, nameOwners } from "../../app/mod.ts";
import { ClientError, type OnlineUser, type Pin } from "../../core/mod.ts";
import type { RequestResult } from "../messages.ts";
import type { Conversation, ListedUser, WindowState } from "../state/mod.ts";

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
    await this.#call(this.#state.conversations.openWith(user), user, answer);
  }

  /** Calls the peer of a conversation again, in the same conversation. */
  async callAgain(conversation: Conversation, answer: Answer): Promise<void> {
    const { messenger } = this.#state;
    const users = [...messenger.users].filter(({ own }) => !own);
    const namesakes = users.filter(({ name, address }) =>
      name === conversation.name && [address, ""].includes(conversation.address)
    );
    const owners = nameOwners(conversation.name, messenger, namesakes);
    const user = users.find((user) => isWith(conversation, user, users)) ??
      namesakes.findLast((user) => isOwner(user, owners)) ?? namesakes[0];
    if (user !== undefined) return await this.#call(conversation, user, answer);
    const pin = messenger.trust.contacts.find(({ name }) => name === conversation.name);
    if (pin !== undefined) return this.#openOffline(pin, answer);
    throw new ClientError("not-online", { reason: "offline", name: conversation.name });
  }

  /** Removes a conversation, and ends its call or chat. */
  async close(conversation: Conversation): Promise<void> {
    const { messenger, conversations } = this.#state;
    conversation.calling?.abort.abort();
    conversations.remove(conversation);
    const { chat } = conversation;
    if (chat !== undefined && messenger.chats.all.includes(chat)) await chat.close();
  }

  #openOffline(pin: Pin, answer: Answer): void {
    const { messenger, conversations } = this.#state;
    const chat = messenger.chats.with(pin);
    const conversation = conversations.openWith(chat);
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
    conversations.setState(conversation, "calling", "");
    try {
      conversations.onCallAnswered(conversation, await messenger.chats.call(user, abort));
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!(error instanceof ClientError)) throw error;
      if (conversation.state !== "calling") return;
      if (error.is("peer-key-mismatch")) {
        conversation.security = "changed";
        conversation.trustOffer = keyOf(user) === "" ? "classic" : "key";
      }
      conversations.setState(conversation, "closed", describeError(error, "window"));
    } finally {
      conversation.calling = undefined;
    }
  }
}
