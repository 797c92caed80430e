import type { Chat, Message, OnlineUser } from "../../core/mod.ts";
import type { StoredMessage } from "../../storage/mod.ts";
import { parseAddress, sanitizeText } from "../../../protocol/mod.ts";
import type { ChatHead, ChatState, MessageRow, StateChange } from "../messages.ts";
import type { Conversation, Past } from "./conversation.ts";
import { type ConversationPeer, Conversations } from "./conversations.ts";
import { describeClose } from "./info_log.ts";

/** What the dialogs tell of beyond themselves. */
export interface ConversationContext {
  /** Hands a change to every page. */
  tell(change: StateChange): void;
  /** A chat has told whose key somebody has. */
  met(): void;
  /** Where somebody is, as it is shown. */
  where(chat: Chat): string;
  /** What the user is to be warned of as a chat opens; of nothing, mostly. */
  doubt(chat: Chat): string | undefined;
}

/** The dialogs as pages show them: what happens in chats is put where it belongs, and told. */
export class ConversationUpdates {
  readonly #conversations: Conversations;
  readonly #around: ConversationContext;

  constructor(past: Past, around: ConversationContext) {
    this.#conversations = new Conversations(past);
    this.#around = around;
  }

  /** All, for a page that comes. */
  get snapshot(): ChatState[] {
    return this.#conversations.all.map(({ snapshot }) => snapshot);
  }

  /** The dialog with that number; undefined where it is gone. */
  find(id: number): Conversation | undefined {
    return this.#conversations.get(id);
  }

  /**
   * The dialog with that number.
   *
   * @throws {SyntaxError} if it is gone
   */
  get(id: number): Conversation {
    const conversation = this.find(id);
    if (conversation !== undefined) return conversation;
    throw new SyntaxError("This dialog is closed");
  }

  /** The dialog with somebody: the one there is, or a new one. */
  with(peer: ConversationPeer & Pick<Chat, "identity">): Conversation {
    return this.#conversations.with(peer) ?? this.#begin(peer, "me");
  }

  /** The dialog that shows what was said with somebody; where nobody calls yet, an inactive one. */
  about({ name, address }: StoredMessage["peer"]): Conversation {
    const { hostname = "", port = 0 } = (address === "" ? undefined : parseAddress(address, 0)) ??
      {};
    const known = this.#conversations.named(name, hostname);
    if (known !== undefined) return known;
    const conversation = this.#begin({ name, address: hostname, port }, "me");
    this.become(conversation, "closed", "This is what was said. Call to go on.");
    return conversation;
  }

  /** Tells pages what stands above a dialog. */
  show(conversation: Conversation): void {
    this.#around.tell({ type: "chat", chat: conversation.head });
  }

  /**
   * Tells pages how sure it is who everybody is: with a key that was given up, it is over, and of whom
   * there is no doubt any more, none is shown.
   */
  showPins(): void {
    for (const conversation of this.#conversations.all) {
      const { name, state, chat } = conversation;
      const givenUp = chat?.security === "changed" && !chat.open && state !== "closed";
      const why =
        `You trust another key of ${name} now: nothing goes to the one that this was with`;
      if (givenUp) this.become(conversation, "closed", why);
      else if (state === "open" && conversation.why !== "" && chat !== undefined) {
        this.become(conversation, "open", this.#warning(chat));
      } else this.show(conversation);
    }
  }

  /** Tells pages of a message, new or changed. */
  showMessage({ id }: Conversation, message: MessageRow): void {
    this.#around.tell({ type: "message", chat: id, message });
  }

  /** Takes a dialog away. */
  remove({ id }: Conversation): void {
    if (this.#conversations.remove(id)) this.#around.tell({ type: "chat-gone", chat: id });
  }

  /** A dialog is in another state now; why is said where it is not open. */
  become(conversation: Conversation, state: ChatHead["state"], why: string): void {
    conversation.state = state;
    conversation.why = sanitizeText(why);
    if (state !== "open") conversation.typing = false;
    this.show(conversation);
  }

  /** Nobody answers in a dialog now; but what is said there waits for that key. */
  away(conversation: Conversation): void {
    const why = `${conversation.name} can't be reached now; what you write waits`;
    this.become(conversation, "away", why);
  }

  /** A call has led to a chat: it belongs into that dialog, unless another has it by now. */
  called(conversation: Conversation, chat: Chat): void {
    if (conversation.state !== "calling") return;
    const other = this.#conversations.of(chat);
    if (other !== undefined && other !== conversation) return this.remove(conversation);
    this.#join(conversation, chat);
  }

  /** A chat has begun. */
  opened(chat: Chat): void {
    this.#join(this.#conversations.for(chat) ?? this.#begin(chat, chat.by), chat);
  }

  /** Somebody has said something. */
  received(chat: Chat, message: Message): void {
    const conversation = this.#conversations.of(chat);
    if (conversation === undefined) return;
    const unread = ++conversation.unread;
    const row = conversation.add(message);
    this.#around.tell({ type: "message", chat: conversation.id, message: row, unread });
    if (!conversation.typing) return;
    conversation.typing = false;
    this.show(conversation);
  }

  /** Somebody types, or does no more. */
  typing(chat: Chat, typing: boolean): void {
    const conversation = this.#conversations.of(chat);
    if (conversation === undefined) return;
    conversation.typing = typing;
    this.show(conversation);
  }

  /** An own message went out. */
  sent(chat: Chat, message: Message): void {
    const conversation = this.#conversations.of(chat);
    if (conversation === undefined) return;
    this.showMessage(conversation, conversation.update(message) ?? conversation.add(message));
  }

  /** An own message waits, was delivered, or was given up; false if no dialog shows it. */
  changed(message: Message): boolean {
    for (const conversation of this.#conversations.all) {
      const row = conversation.update(message);
      if (row === undefined) continue;
      this.showMessage(conversation, row);
      return true;
    }
    return false;
  }

  /** A chat is over. */
  closed(chat: Chat, by: "me" | "them" | "lost"): void {
    const conversation = this.#conversations.of(chat);
    if (conversation === undefined) return;
    if (by === "me") return this.remove(conversation);
    if (chat.waits) return this.away(conversation);
    this.become(conversation, "closed", describeClose(chat.name, by));
  }

  /** Somebody has come or gone: in a chat that they closed, what is written waits while they are gone. */
  moved({ name }: OnlineUser): void {
    for (const conversation of this.#conversations.all) {
      const { chat, state, security } = conversation;
      if (conversation.name !== name || security === "changed") continue;
      if (chat === undefined || chat.open) continue;
      if (state === "closed" && chat.waits) this.away(conversation);
      if (state === "away" && !chat.waits) {
        this.become(conversation, "closed", describeClose(name, "them"));
      }
    }
  }

  #begin(peer: ConversationPeer, by: Chat["by"]): Conversation {
    for (let old = this.#conversations.surplus; old; old = this.#conversations.surplus) {
      this.remove(old);
    }
    const conversation = this.#conversations.begin(peer, by);
    const { whole, messages } = conversation.snapshot;
    this.#around.tell({ type: "chat", chat: conversation.head, whole });
    for (const message of messages) this.showMessage(conversation, message);
    return conversation;
  }

  #join(conversation: Conversation, chat: Chat): void {
    conversation.chat = chat;
    conversation.security = chat.security;
    conversation.instead = "key"; // without one, it would be classic
    conversation.by = chat.by;
    conversation.address = chat.address;
    conversation.port = chat.port;
    conversation.where = this.#around.where(chat);
    this.become(conversation, "open", this.#warning(chat));
    if (chat.identity !== undefined) this.#around.met();
  }

  #warning(chat: Chat): string {
    const why = this.#around.doubt(chat);
    return why === undefined ? "" : `Careful: ${why}.`;
  }
}
