import type { Chat } from "../../core/mod.ts";
import { isWith } from "../../app/mod.ts";
import type { ChatHead } from "../messages.ts";
import { Conversation, type Past } from "./conversation.ts";

/** How many dialogs there may be; then the oldest inactive ones go. */
const MAX_CONVERSATIONS = 1_024;

/** Who a dialog is with. */
export type ConversationPeer = Pick<Chat, "name" | "address" | "port">;

/** The dialogs by number, and which of them a chat belongs into. */
export class Conversations {
  readonly #past: Past;
  readonly #all = new Map<number, Conversation>();
  #last = 0;

  constructor(past: Past) {
    this.#past = past;
  }

  /** All, the oldest first. */
  get all(): Conversation[] {
    return [...this.#all.values()];
  }

  /** An inactive one where there are too many. */
  get surplus(): Conversation | undefined {
    if (this.#all.size < MAX_CONVERSATIONS) return undefined;
    return this.all.find(({ state }) => state === "closed");
  }

  /** The one with that number. */
  get(id: number): Conversation | undefined {
    return this.#all.get(id);
  }

  /** The one in which a chat goes on. */
  of(chat: Chat): Conversation | undefined {
    return this.all.find((conversation) => conversation.chat === chat);
  }

  /** The one with somebody: with the same key, else at the same address. */
  with(
    { name, address, port, identity }: ConversationPeer & Pick<Chat, "identity">,
  ): Conversation | undefined {
    const named = this.all.filter((one) => one.name === name);
    const key = identity?.toHex();
    const same = named.find((one) => key !== undefined && one.chat?.identity?.toHex() === key);
    if (same !== undefined) return same;
    const there = named.filter((one) => one.address === address);
    return there.find((one) => one.port === port) ?? there.find(({ state }) => state === "closed");
  }

  /** The one that shows what was said with that name, and best the one that goes on. */
  named(name: string, address: string): Conversation | undefined {
    const named = this.all.filter((one) => one.name === name);
    return named.find(({ state }) => state === "open") ??
      named.find((one) => one.address === address) ?? named[0];
  }

  /** Where a chat that was just opened belongs: that in which it was called for, or that before it. */
  for(chat: Chat): Conversation | undefined {
    const called = this.all.find(({ calling }) =>
      calling !== undefined && isWith(chat, calling, [])
    );
    if (chat.by === "me" && called !== undefined) return called;
    const before = this.with(chat);
    return before?.chat?.open === true && before.chat !== chat ? undefined : before;
  }

  /** A new one. */
  begin(peer: ConversationPeer, by: ChatHead["by"]): Conversation {
    const conversation = new Conversation(++this.#last, peer, by, this.#past);
    this.#all.set(conversation.id, conversation);
    return conversation;
  }

  /**
   * Takes one out.
   *
   * @returns false where it is out already
   */
  remove(id: number): boolean {
    return this.#all.delete(id);
  }
}
