import { parseAddress, sanitizeText } from "../../../protocol/mod.ts";
import { chatWarning, type MessageArchive } from "../../app/mod.ts";
import type { Chat, Message, Messenger, OnlineUser } from "../../core/mod.ts";
import type { StoredMessage } from "../../storage/mod.ts";
import type { ChatHead, MessageRow, StateChange } from "../messages.ts";
import type { Conversation, ConversationPeer } from "./conversation.ts";
import { Conversations } from "./conversations.ts";
import { describeClose } from "./info_log.ts";
import { formatChatAddress } from "./view_rows.ts";

/** Applies what happens in chats to the conversations, and publishes the changes. */
export class ConversationUpdates {
  readonly #conversations: Conversations;
  readonly #messenger: Messenger;
  readonly #publish: (change: StateChange) => void;

  constructor(
    messenger: Messenger,
    archive: MessageArchive,
    publish: (change: StateChange) => void,
  ) {
    this.#messenger = messenger;
    this.#publish = publish;
    this.#conversations = new Conversations((name, before, count) =>
      archive.page(name, before, count)
    );
  }

  /** All conversations, oldest first. */
  get all(): readonly Conversation[] {
    return this.#conversations.all;
  }

  /** The conversation with an id; undefined if it was closed. */
  find(id: number): Conversation | undefined {
    return this.#conversations.get(id);
  }

  /**
   * The conversation with an id.
   *
   * @throws {RangeError} if it was closed
   */
  get(id: number): Conversation {
    const conversation = this.find(id);
    if (conversation !== undefined) return conversation;
    throw new RangeError("This chat was closed");
  }

  /** The conversation with a peer, created if there is none. */
  openWith(peer: ConversationPeer & Pick<Chat, "identity">): Conversation {
    return this.#conversations.findByPeer(peer) ?? this.#create(peer, "outgoing");
  }

  /** The conversation that stored messages belong to, created without calling anybody. */
  openHistory({ name, address }: StoredMessage["peer"]): Conversation {
    const parsed = address === "" ? undefined : parseAddress(address, 0);
    const { hostname, port } = parsed ?? { hostname: "", port: 0 };
    const known = this.#conversations.findByName(name, hostname);
    if (known !== undefined) return known;
    const conversation = this.#create({ name, address: hostname, port }, "outgoing");
    this.setState(conversation, "closed", "These are earlier messages. Call to go on.");
    return conversation;
  }

  publishHead(conversation: Conversation): void {
    this.#publish({ type: "chat", chat: conversation.head });
  }

  /** Publishes a message that is new or has changed. */
  publishMessage({ id }: Conversation, message: MessageRow): void {
    this.#publish({ type: "message", chat: id, message });
  }

  /**
   * Publishes how certain the identity of every peer is. A chat whose key the user no longer trusts
   * ends; a warning that no longer holds goes away.
   */
  publishSecurity(): void {
    for (const conversation of this.#conversations.all) {
      const { name, state, chat, notice } = conversation;
      if (chat?.security === "changed" && chat.state !== "open" && state !== "closed") {
        const notice = `You now trust another key of ${name}. Nothing is sent to the earlier one.`;
        this.setState(conversation, "closed", notice);
      } else if (state === "open" && notice !== "" && chat !== undefined) {
        this.setState(conversation, "open", this.#describeWarning(chat));
      } else this.publishHead(conversation);
    }
  }

  remove({ id }: Conversation): void {
    if (this.#conversations.remove(id)) this.#publish({ type: "chat-removed", chat: id });
  }

  setState(conversation: Conversation, state: ChatHead["state"], notice: string): void {
    conversation.state = state;
    conversation.notice = sanitizeText(notice);
    if (state !== "open") conversation.typing = false;
    this.publishHead(conversation);
  }

  /** Marks a conversation as one whose messages are queued until the peer can be reached. */
  setAway(conversation: Conversation): void {
    const notice = `${conversation.name} can't be reached now. What you write waits.`;
    this.setState(conversation, "away", notice);
  }

  /** Joins the chat that a call has led to, unless another conversation has it already. */
  onCallAnswered(conversation: Conversation, chat: Chat): void {
    if (conversation.state !== "calling") return;
    const other = this.#conversations.findByChat(chat);
    if (other !== undefined && other !== conversation) return this.remove(conversation);
    this.#join(conversation, chat);
  }

  onOpened(chat: Chat): void {
    const conversation = this.#conversations.findForNewChat(chat) ??
      this.#create(chat, chat.direction);
    this.#join(conversation, chat);
  }

  /** Shows a note about a chat above its messages. */
  onNote(chat: Chat, text: string): void {
    const conversation = this.#conversations.findByChat(chat);
    if (conversation !== undefined) this.setState(conversation, conversation.state, `${text}.`);
  }

  onReceived(chat: Chat, message: Message): void {
    const conversation = this.#conversations.findByChat(chat);
    if (conversation === undefined) return;
    const unread = ++conversation.unread;
    const row = conversation.add(message);
    this.#publish({ type: "message", chat: conversation.id, message: row, unread });
    if (!conversation.typing) return;
    conversation.typing = false;
    this.publishHead(conversation);
  }

  onTyping(chat: Chat, typing: boolean): void {
    const conversation = this.#conversations.findByChat(chat);
    if (conversation === undefined) return;
    conversation.typing = typing;
    this.publishHead(conversation);
  }

  onSent(chat: Chat, message: Message): void {
    const conversation = this.#conversations.findByChat(chat);
    if (conversation === undefined) return;
    this.publishMessage(conversation, conversation.update(message) ?? conversation.add(message));
  }

  /** A message was queued, delivered or given up; returns false if no conversation shows it. */
  onDelivery(message: Message): boolean {
    for (const conversation of this.#conversations.all) {
      const row = conversation.update(message);
      if (row === undefined) continue;
      this.publishMessage(conversation, row);
      return true;
    }
    return false;
  }

  onClosed(chat: Chat, by: "me" | "them" | "lost"): void {
    const conversation = this.#conversations.findByChat(chat);
    if (conversation === undefined) return;
    if (by === "me") return this.remove(conversation);
    if (chat.state === "queued") return this.setAway(conversation);
    this.setState(conversation, "closed", describeClose(chat.name, by));
  }

  /** A user went online or offline, which decides whether messages to them are queued. */
  onPresence({ name }: OnlineUser): void {
    for (const conversation of this.#conversations.all) {
      const { chat, state, security } = conversation;
      if (conversation.name !== name || security === "changed") continue;
      if (chat === undefined || chat.state === "open" || state === "calling") continue;
      if (chat.state === "closed") {
        if (state === "away") this.setState(conversation, "closed", describeClose(name, "them"));
      } else if (this.#isOnline(chat)) {
        const notice = `${name} is online again. What you write goes on with the chat.`;
        this.setState(conversation, "away", notice);
      } else this.setAway(conversation);
    }
  }

  #isOnline({ name, identity }: Chat): boolean {
    for (const user of this.#messenger.users) {
      if (user.name === name && identity?.equals(user.details?.identity)) return true;
    }
    return false;
  }

  #create(peer: ConversationPeer, direction: ChatHead["direction"]): Conversation {
    for (let old = this.#conversations.surplus; old; old = this.#conversations.surplus) {
      this.remove(old);
    }
    const conversation = this.#conversations.create(peer, direction);
    const { isComplete, messages } = conversation.snapshot;
    this.#publish({ type: "chat", chat: conversation.head, isComplete });
    for (const message of messages) this.publishMessage(conversation, message);
    return conversation;
  }

  #join(conversation: Conversation, chat: Chat): void {
    conversation.chat = chat;
    conversation.security = chat.security;
    conversation.trustOffer = "key"; // only a peer with a key can have changed it in a chat
    conversation.direction = chat.direction;
    conversation.address = chat.address;
    conversation.port = chat.port;
    conversation.shownAddress = formatChatAddress(chat, this.#messenger.trust.contacts);
    this.setState(conversation, "open", this.#describeWarning(chat));
  }

  #describeWarning(chat: Chat): string {
    const warning = chatWarning(this.#messenger, chat);
    return warning === undefined ? "" : `Careful: ${warning}.`;
  }
}
