import { isWith } from "../../app/mod.ts";
import type { Chat } from "../../core/mod.ts";
import type { ChatHead } from "../messages.ts";
import { Conversation, type ConversationPeer, type StoredMessages } from "./conversation.ts";

/** How many conversations there may be; then the oldest closed ones are removed. */
const MAX_CONVERSATIONS = 1_024;

/** The conversations by id, and which of them a chat belongs to. */
export class Conversations {
  readonly #stored: StoredMessages;
  readonly #byId = new Map<number, Conversation>();
  #lastId = 0;

  constructor(stored: StoredMessages) {
    this.#stored = stored;
  }

  /** All of them, oldest first. */
  get all(): Conversation[] {
    return [...this.#byId.values()];
  }

  /** A closed one to remove if there are too many. */
  get surplus(): Conversation | undefined {
    if (this.#byId.size < MAX_CONVERSATIONS) return undefined;
    const over = this.all.filter(({ state }) => state === "closed" || state === "idle");
    return over.find(({ unread, draft }) => unread === 0 && draft === "") ?? over[0];
  }

  get(id: number): Conversation | undefined {
    return this.#byId.get(id);
  }

  findByChat(chat: Chat): Conversation | undefined {
    return this.all.find((conversation) => conversation.chat === chat);
  }

  /**
   * The one with a peer: with the same key, also under an earlier name; else with the same history, at the
   * same address or without a chat of its own.
   */
  findByPeer(
    { address, port, identity }: ConversationPeer & Pick<Chat, "identity">,
    thread: string,
  ): Conversation | undefined {
    const named = this.all.filter((one) => one.thread === thread);
    const hasKey = (one: Conversation) => identity?.equals(one.chat?.identity) === true;
    const sameKey = named.find(hasKey) ?? this.all.find(hasKey);
    if (sameKey !== undefined) return sameKey;
    const sameHost = named.filter((one) => one.address === address);
    const isOver = ({ chat, state }: Conversation) =>
      (state === "closed" || state === "idle") && chat?.identity === undefined;
    return sameHost.find((one) => one.port === port && one.chat?.identity === undefined) ??
      sameHost.find(isOver) ??
      named.find((one) => one.chat === undefined && isOver(one));
  }

  /** The one with a name, preferably an open one, else one at that address. */
  findByName(name: string, address: string): Conversation | undefined {
    const named = this.all.filter((one) => one.thread === name);
    return named.find(({ state }) => state === "open") ??
      named.find((one) => one.address === address) ?? named[0];
  }

  /** The one that a new chat belongs to: the one that called, or an earlier one with that peer. */
  findForNewChat(chat: Chat, thread: string): Conversation | undefined {
    const calling = this.all.find(({ calling }) =>
      calling !== undefined && isWith(chat, calling.user, [])
    );
    if (chat.direction === "outgoing" && calling !== undefined) return calling;
    const earlier = this.findByPeer(chat, thread);
    return earlier?.chat?.state === "open" && earlier.chat !== chat ? undefined : earlier;
  }

  create(peer: ConversationPeer, direction: ChatHead["direction"]): Conversation {
    const conversation = new Conversation(++this.#lastId, peer, direction, this.#stored);
    this.#byId.set(conversation.id, conversation);
    return conversation;
  }

  /** Removes one; false if it is gone already. */
  remove(id: number): boolean {
    return this.#byId.delete(id);
  }
}
