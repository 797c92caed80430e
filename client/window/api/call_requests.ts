import { ClientError, type OnlineUser, type Pin } from "../../core/mod.ts";
import { describeError, isOwner, isWith, keyOf, nameOwners } from "../../app/mod.ts";
import type { RequestResult } from "../messages.ts";
import type { Conversation, Somebody, WindowState } from "../state/mod.ts";

/** Calls people, each in a dialog, and hangs up. */
export class CallRequests {
  readonly #desk: WindowState;

  constructor(desk: WindowState) {
    this.#desk = desk;
  }

  /**
   * Calls somebody of the list; who is not online is written to.
   *
   * @param answer tells the page that asked which dialog to go to
   */
  async talk(somebody: Somebody, answer: (answer: RequestResult) => void): Promise<void> {
    if (somebody.own) throw new ClientError("not-online", { reason: "self", name: somebody.name });
    if (somebody.pin !== undefined) return this.#write(somebody.pin, answer);
    await this.#call(this.#desk.dialogs.with(somebody), somebody, answer);
  }

  /** Calls whoever a dialog was with, in the same dialog. */
  async again(conversation: Conversation, answer: (answer: RequestResult) => void): Promise<void> {
    const users = this.#desk.messenger.online.filter(({ own }) => !own);
    const there = users.filter(({ name, address }) =>
      name === conversation.name && [address, ""].includes(conversation.address)
    );
    const owners = nameOwners(conversation.name, this.#desk.messenger, there);
    const user = users.find((user) => isWith(conversation, user, users)) ??
      there.findLast((user) => isOwner(user, owners)) ?? there[0];
    if (user !== undefined) return await this.#call(conversation, user, answer);
    const pin = this.#desk.messenger.contacts.find(({ name }) => name === conversation.name);
    if (pin !== undefined) return this.#write(pin, answer);
    throw new ClientError("not-online", { reason: "offline", name: conversation.name });
  }

  /** Takes a dialog away, and ends what goes on in it. */
  async close(conversation: Conversation): Promise<void> {
    const { messenger, dialogs } = this.#desk;
    if (conversation.calling !== undefined) messenger.hangUp(conversation.calling);
    dialogs.remove(conversation);
    const { chat } = conversation;
    if (chat !== undefined && messenger.chats.includes(chat)) await messenger.close(chat);
  }

  /** A chat with somebody who is not there: what is written waits. */
  #write(pin: Pin, answer: (answer: RequestResult) => void): void {
    const { messenger, dialogs } = this.#desk;
    const chat = messenger.chatWith(pin);
    const conversation = dialogs.with(chat);
    conversation.chat = chat;
    answer({ type: "show", chat: conversation.id });
    if (!chat.open) dialogs.away(conversation);
  }

  async #call(
    conversation: Conversation,
    user: OnlineUser,
    answer: (answer: RequestResult) => void,
  ): Promise<void> {
    answer({ type: "show", chat: conversation.id });
    if (conversation.chat?.open === true || conversation.calling !== undefined) return;
    const { messenger, dialogs } = this.#desk;
    conversation.calling = user;
    conversation.security = messenger.securityOf(user);
    dialogs.become(conversation, "calling", "");
    try {
      dialogs.called(conversation, await messenger.talk(user));
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (conversation.state !== "calling") return;
      if (error.is("peer-key-mismatch")) {
        conversation.security = "changed";
        conversation.instead = keyOf(user) === "" ? "classic" : "key";
      }
      dialogs.become(conversation, "closed", describeError(error, "window"));
    } finally {
      conversation.calling = undefined;
    }
  }
}
