import { nameKey, parseAddress, sanitizeName, sanitizeText } from "../../../protocol/mod.ts";
import { chatWarning, type MessageArchive, type People } from "../../app/mod.ts";
import {
  type ActionEvent,
  type Chat,
  ConfusableContacts,
  type Message,
  type Messenger,
  type OnlineUser,
  type Pin,
} from "../../core/mod.ts";
import type { StoredMessage } from "../../storage/mod.ts";
import type { ChatHead, MessageRow, Notice, StateChange, Wording } from "../messages.ts";
import type { Conversation, ConversationPeer } from "./conversation.ts";
import { Conversations } from "./conversations.ts";
import { RoomConversations } from "./room_conversations.ts";
import { formatChatAddress } from "./view_rows.ts";
import { RequestError, worded, wordingOfDoubt } from "./wording.ts";

/** How many threads of earlier runs are listed. */
const MAX_THREADS = 500;

/** Applies what happens in chats to the conversations, and publishes the changes. */
export class ConversationUpdates {
  readonly #conversations: Conversations;
  readonly #messenger: Messenger;
  readonly #archive: MessageArchive;
  readonly #people: Pick<People, "factsOf">;
  readonly #publish: (change: StateChange) => void;

  constructor(
    messenger: Messenger,
    archive: MessageArchive,
    people: Pick<People, "factsOf">,
    publish: (change: StateChange) => void,
  ) {
    this.#messenger = messenger;
    this.#archive = archive;
    this.#people = people;
    this.#publish = publish;
    this.#conversations = new Conversations(archive);
  }

  /** Lists the threads of earlier runs. */
  loadThreads(): void {
    for (const thread of this.#archive.threads(MAX_THREADS).reverse()) {
      if (RoomConversations.isThread(thread.thread)) continue;
      const { hostname, port } = parseStored(thread.last?.peer.address ?? "");
      const peer = { name: thread.thread, address: hostname, port };
      this.#conversations.create(peer, "outgoing").restore(thread);
    }
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
    throw new RequestError("This chat was closed", "chat-gone");
  }

  /** The conversation with a peer, created if there is none. */
  openWith(peer: ConversationPeer & Pick<Chat, "identity">): Conversation {
    const thread = this.#archive.threadNames.of(peer);
    const known = this.#conversations.findByPeer(peer, thread);
    if (known === undefined) return this.#create(peer, "outgoing");
    if (known.name === peer.name) return known;
    const notice = { code: "renamed", text: sanitizeName(known.name) } as const;
    known.name = peer.name; // the same key under another name
    known.thread = thread;
    this.setState(known, known.state, notice);
    return known;
  }

  /** The conversation that stored messages belong to, created without calling anybody. */
  openHistory({ name, address }: StoredMessage["peer"]): Conversation {
    const { hostname, port } = parseStored(address);
    return this.#conversations.findByName(name, hostname) ??
      this.#create({ name, address: hostname, port }, "outgoing");
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
    const pins = new Map(this.#messenger.trust.contacts.map((pin) => [nameKey(pin.name), pin]));
    for (const conversation of this.#conversations.all) {
      const { name, state, chat, notice } = conversation;
      applyPin(conversation, pins.get(nameKey(name)));
      if (chat?.security === "changed" && chat.state !== "open" && state !== "closed") {
        this.setState(conversation, "closed", { code: "distrusted" });
      } else if (state === "open" && notice?.code === "careful" && chat !== undefined) {
        this.setState(conversation, "open", this.#warningOf(chat));
      } else this.publishHead(conversation);
    }
  }

  /** Something was said: whether the peer's key counts as known from now on. */
  meet(chat: Chat): boolean {
    const conversation = this.#conversations.findByChat(chat);
    if (conversation?.security !== "new") return false;
    const pin = this.#messenger.trust.contacts.find(({ identity }) =>
      chat.identity?.equals(identity) === true
    );
    applyPin(conversation, pin);
    return pin !== undefined;
  }

  /** The keys of peers in chats that count as known, in hex. */
  get knownKeys(): ReadonlySet<string> {
    const known = this.#conversations.all.filter(({ security }) => security === "pinned");
    return new Set(known.flatMap(({ chat }) => chat?.identity?.toHex() ?? []));
  }

  remove({ id }: Conversation): void {
    if (this.#conversations.remove(id)) this.#publish({ type: "chat-removed", chat: id });
  }

  /** The user has closed it: one in which something was said stays in the list. */
  leave(conversation: Conversation): void {
    if (conversation.isEmpty) return this.remove(conversation);
    this.setState(conversation, "idle");
    this.#publish({ type: "left", chat: conversation.id });
  }

  /** All its messages have been deleted. */
  empty(conversation: Conversation): void {
    conversation.empty();
    this.#publish({ type: "emptied", chat: conversation.id });
    if (conversation.chat?.state === "open") return this.publishHead(conversation);
    this.remove(conversation);
  }

  setState(conversation: Conversation, state: ChatHead["state"], notice?: Notice): void {
    const { name } = conversation;
    const isNamed = (pin: Pin) => nameKey(pin.name) === nameKey(name);
    applyPin(conversation, this.#messenger.trust.contacts.find(isNamed));
    conversation.state = state;
    const { code, text, wording } = notice ?? {};
    conversation.notice = code === undefined ? undefined : {
      code,
      ...text !== undefined && { text: sanitizeText(text) },
      ...wording !== undefined && { wording },
    };
    if (state !== "open") conversation.typing = false;
    this.publishHead(conversation);
  }

  /** Marks a conversation as one whose messages are queued until the peer can be reached. */
  setAway(conversation: Conversation, notice?: Notice): void {
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
    const thread = this.#archive.threadNames.of(chat);
    const conversation = this.#conversations.findForNewChat(chat, thread) ??
      this.#create(chat, chat.direction);
    const isOther = conversation.thread !== thread;
    if (isOther && this.#archive.threadNames.isUnconfirmed(chat)) {
      this.#moveTo(conversation, thread);
    } else conversation.thread = thread;
    this.#join(conversation, chat);
    if (chat.direction !== "incoming") return;
    this.#publish({ type: "called", chat: conversation.id });
  }

  /** Shows a note about a chat above its messages. */
  onNote(chat: Chat, wording: Wording): void {
    const conversation = this.#conversations.findByChat(chat);
    if (conversation === undefined) return;
    const notice = { code: "note", text: wording.text, wording } as const;
    this.setState(conversation, conversation.state, notice);
  }

  onReceived(chat: Chat, message: Message): void {
    const conversation = this.#conversations.findByChat(chat);
    if (conversation === undefined) return;
    const unread = ++conversation.unread;
    this.#archive.addUnread(conversation.thread, unread);
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

  /** Something was done with a message. */
  onAction(event: ActionEvent): void {
    const conversation = this.#conversations.findByChat(event.chat);
    const message = conversation?.apply(event);
    if (conversation === undefined || message === undefined) return;
    this.#publish({ type: "message-changed", chat: conversation.id, message });
    this.publishHead(conversation);
  }

  /** The peer has seen the messages up to one. */
  onSeen(chat: Chat, id: string): void {
    const conversation = this.#conversations.findByChat(chat);
    if (conversation?.markSeen(id) === true) this.publishHead(conversation);
  }

  onClosed(chat: Chat, by: "me" | "them" | "lost"): void {
    const conversation = this.#conversations.findByChat(chat);
    if (conversation === undefined) return;
    if (by === "me") return this.leave(conversation);
    const notice = { code: by === "them" ? "closed" : "lost" } as const;
    if (chat.state === "queued") return this.setAway(conversation, notice);
    this.setState(conversation, by === "them" ? "closed" : "idle", notice);
  }

  /** A user went online or offline, which decides whether messages to them are queued. */
  onPresence({ name, own }: OnlineUser, isOffline: boolean): void {
    for (const conversation of own ? [] : this.#conversations.all) {
      const { chat, state, security } = conversation;
      if (conversation.name !== name || security === "changed") continue;
      if (isOffline) this.#noteSeen(conversation);
      if (chat === undefined || chat.state === "open" || state === "calling") continue;
      if (chat.state === "closed") {
        if (state === "away") this.setState(conversation, "closed", { code: "closed" });
      } else if (this.#isOnline(chat)) {
        this.setState(conversation, "away", { code: "returned" });
      } else this.setAway(conversation);
    }
  }

  /** The peer was there until now. */
  #noteSeen(conversation: Conversation): void {
    conversation.lastSeen = Date.now();
    this.#archive.keepThread({ thread: conversation.thread, lastSeen: conversation.lastSeen });
    this.publishHead(conversation);
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
    Object.assign(conversation, this.#people.factsOf(conversation.thread));
    this.publishHead(conversation);
    return conversation;
  }

  /** The history of a name is not that of a key with which nothing confirms it. */
  #moveTo(conversation: Conversation, thread: string): void {
    const rows = conversation.moveTo(thread);
    this.#publish({ type: "emptied", chat: conversation.id });
    for (const row of rows) this.publishMessage(conversation, row);
  }

  #join(conversation: Conversation, chat: Chat): void {
    conversation.load();
    const before = conversation.name;
    conversation.name = chat.name;
    conversation.chat = chat;
    conversation.security = chat.security;
    conversation.trustOffer = "key"; // only a peer with a key can have changed it in a chat
    conversation.direction = chat.direction;
    conversation.address = chat.address;
    conversation.port = chat.port;
    conversation.shownAddress = formatChatAddress(chat, this.#messenger.trust.contacts);
    const renamed = before === chat.name
      ? undefined
      : { code: "renamed", text: sanitizeName(before) } as const;
    this.setState(conversation, "open", this.#warningOf(chat) ?? renamed);
  }

  #warningOf(chat: Chat): Notice | undefined {
    const { knownAs, security } = chat;
    const { contacts } = this.#messenger.trust;
    const doubt = new ConfusableContacts(contacts).doubtAbout(chat);
    const isDoubtful = security === "unconfirmed" || doubt !== undefined;
    if (knownAs !== undefined && !isDoubtful) return { code: "renamed", text: knownAs };
    const text = chatWarning(this.#messenger, chat);
    if (text === undefined) return undefined;
    const { name } = chat;
    const wording = doubt !== undefined
      ? wordingOfDoubt(doubt, name)
      : security === "unconfirmed"
      ? wordingOfDoubt({ reason: "unconfirmed" }, name)
      : worded(text, chat.isNotOwner ? "doubt.not-owner" : "doubt.other-server", { name });
    return { code: "careful", text, wording };
  }
}

/** A chat that began with a new key has a known one once something was said. */
function applyPin(conversation: Conversation, pin: Pin | undefined): void {
  const { chat, security, hasMessages } = conversation;
  if (security === "changed") return;
  const isTheirs = chat === undefined || chat.identity?.equals(pin?.identity) === true;
  const isNew = chat?.state === "open" && chat.security === "new" && !hasMessages;
  conversation.security = pin !== undefined && isTheirs && (pin.verified || !isNew)
    ? pin.verified ? "verified" : "pinned"
    : chat?.security ?? "classic";
}

function parseStored(address: string): { readonly hostname: string; readonly port: number } {
  try {
    if (address !== "") return parseAddress(address, 0);
  } catch {
    // An earlier version stored something else; the address only helps to tell namesakes apart.
  }
  return { hostname: "", port: 0 };
}
