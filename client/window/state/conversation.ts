import { sanitizeName } from "../../../protocol/mod.ts";
import { markOf } from "../../app/mod.ts";
import type {
  ActionEvent,
  Chat,
  Message,
  MessageRef,
  OnlineUser,
  Security,
} from "../../core/mod.ts";
import type { StoredMessage, StoredThread } from "../../storage/mod.ts";
import type { ChatHead, MessageRow, Notice, ReplyRow } from "../messages.ts";
import { withoutSize } from "./without_size.ts";
import { actionFieldsOf, applyToRow, previewLine, replyRow } from "./row_actions.ts";
import { formatPeerAddress, sanitizeLines } from "./view_rows.ts";
import { RequestError } from "./wording.ts";

/** Subtracted from the ids of the history, so that they are below those of this run. */
const HISTORY_ID_OFFSET = 2 ** 52;
/** How many messages a conversation holds in memory; then the oldest are dropped. */
const MAX_MESSAGES = 20_000;
/** How many of them a page gets when it opens the conversation. */
const INITIAL_MESSAGES = 60;
/** The length of a message's id. */
const ID_DIGITS = 16;
/** How much of the newest message the list shows, in UTF-16 units. */
const PREVIEW_LENGTH = 120;

type MessageOfRow =
  & Pick<Message, "id" | "text" | "time" | "direction" | "identity" | "state">
  & Partial<Pick<Message, "reply" | "transfer">>;

/** The stored messages. */
export interface StoredMessages {
  /** The newest before an id, oldest first. */
  page(name: string, before: number, count: number): readonly StoredMessage[];
  /** The one with a mark. */
  find(mark: string): StoredMessage | undefined;
}

/** The peer of a conversation. */
export type ConversationPeer = Pick<Chat, "name" | "address" | "port">;

/** The chats with one peer, one after the other, and their messages. */
export class Conversation {
  readonly id: number;
  /** The peer's name, which changes if the same key comes under another one. */
  name: string;
  /** The name under which its history is kept. */
  thread: string;
  /** The peer's last address; empty if it is not known. */
  address: string;
  port: number;
  /** The address as pages show it. */
  shownAddress: string;
  direction: ChatHead["direction"];
  state: ChatHead["state"] = "idle";
  notice: Notice | undefined;
  /** The last chat; undefined before the first one is open. */
  chat: Chat | undefined;
  /** The user being called, and the way to give up the call. */
  calling: { readonly user: OnlineUser; readonly abort: AbortController } | undefined;
  /** How certain the peer's identity is. */
  security: Security = "classic";
  trustOffer: "key" | "classic" | undefined = "key";
  unread = 0;
  typing = false;
  draft = "";
  muted = false;
  alias = "";
  note = "";
  /** When the peer was online last; 0 if that is not known. */
  lastSeen = 0;
  readonly #stored: StoredMessages;
  readonly #messages: MessageRow[] = [];
  /** Whether the newest messages of the history are in memory. */
  #isLoaded = false;
  #last: ChatHead["last"];
  readonly #startedAt = Date.now();
  /** The ids of this run's rows by the keys of their messages, oldest first. */
  readonly #rowIds = new Map<string, number>();
  #lastId = 0;
  /** The row of the newest own message that the peer has seen. */
  #seenUpTo: number | undefined;
  /** Whether messages of this run were dropped. */
  #isTruncated = false;

  constructor(
    id: number,
    peer: ConversationPeer,
    direction: ChatHead["direction"],
    stored: StoredMessages,
  ) {
    this.id = id;
    this.name = this.thread = peer.name;
    this.address = peer.address;
    this.port = peer.port;
    this.shownAddress = formatPeerAddress(peer);
    this.direction = direction;
    this.#stored = stored;
  }

  /** Takes over what is stored of its thread. */
  restore({ last, unread, draft, muted, alias, note, lastSeen, seenId }: StoredThread): void {
    Object.assign(this, { unread, draft, muted, alias, note, lastSeen });
    if (seenId > 0) this.#seenUpTo = seenId - HISTORY_ID_OFFSET;
    if (last === undefined) return;
    const { type, text, at, delivered, isDeleted = false } = last;
    if (type === "received") this.lastSeen = Math.max(lastSeen, Math.min(at, Date.now()));
    const state = type === "sent" && delivered !== undefined ? "delivered" : type;
    this.#last = preview({ from: type === "received" ? "them" : "me", text, at, state, isDeleted });
  }

  /** The heading that pages show. */
  get head(): ChatHead {
    const { id, direction, state, notice, trustOffer, unread, typing, muted, draft } = this;
    const hasChanged = this.security === "changed";
    return {
      ...{ id, direction, state, unread, typing, muted, draft },
      ...notice && { notice },
      ...this.#last && { last: this.#last },
      at: this.#last?.at ?? this.#startedAt,
      name: sanitizeName(this.name),
      alias: this.alias === "" ? "" : sanitizeName(this.alias),
      note: sanitizeLines(this.note),
      ...this.lastSeen > 0 && { lastSeen: this.lastSeen },
      address: this.address === "" ? "" : this.shownAddress,
      security: this.security,
      ...hasChanged && trustOffer !== undefined && { trustOffer },
      actions: this.#actions,
      ...this.#seenUpTo !== undefined && { seenUpTo: this.#seenUpTo },
    };
  }

  get #actions(): ChatHead["actions"] {
    const { chat, security } = this;
    if (chat === undefined) return security === "classic" ? "never" : "now";
    if (chat.identity === undefined) return "never";
    return chat.can("actions") === false ? "later" : "now";
  }

  /** Whether nothing was ever said in it, or begun. */
  get isEmpty(): boolean {
    return !this.hasMessages && this.draft === "";
  }

  get hasMessages(): boolean {
    return this.#last !== undefined;
  }

  /** The newest messages, and whether there are no older ones. */
  get newest(): { readonly messages: MessageRow[]; readonly isComplete: boolean } {
    this.load();
    const messages = this.#messages.slice(-INITIAL_MESSAGES);
    return { messages, isComplete: this.isFirst(messages[0]?.id ?? 0) };
  }

  /**
   * Loads the newest messages of the history. This has to come before the first message of this run,
   * which would be there twice otherwise.
   */
  load(): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    this.#messages.unshift(...this.#loadOlder(Number.MAX_SAFE_INTEGER, INITIAL_MESSAGES));
  }

  /** Forgets all messages. */
  empty(): void {
    this.#messages.length = 0;
    this.#rowIds.clear();
    this.#last = undefined;
    Object.assign(this, { unread: 0, draft: "", alias: "", note: "", muted: false, lastSeen: 0 });
  }

  /** From now on another history is its own; what is being sent stays, and is returned. */
  moveTo(thread: string): readonly MessageRow[] {
    this.thread = thread;
    const sending = this.#messages.filter(({ state }) => state === "sending");
    this.#messages.splice(0, this.#messages.length, ...sending);
    const last = sending.at(-1);
    this.#last = last && preview(last);
    this.#isLoaded = false;
    return sending;
  }

  /** Counts as read what came up to a row; returns whether that changes anything. */
  markRead(rowId: number): boolean {
    const later = this.#messages.filter(({ id, from }) => id > rowId && from === "them").length;
    const before = this.unread;
    this.unread = Math.min(before, later);
    return this.unread !== before;
  }

  /** The newest messages before an id, oldest first. */
  messagesBefore(id: number, count: number): MessageRow[] {
    this.load();
    const inMemory = this.#messages.filter((message) => message.id < id).slice(-count);
    if (inMemory.length > 0 || this.#isTruncated) return inMemory;
    return id > 0 ? [] : this.#loadOlder(id + HISTORY_ID_OFFSET, count);
  }

  isFirst(id: number): boolean {
    return this.messagesBefore(id, 1).length === 0;
  }

  rowIdOf({ id, mark }: StoredMessage): number {
    const row = mark === undefined ? undefined : this.#rowIds.get(keyOfMark(mark));
    return row ?? id - HISTORY_ID_OFFSET;
  }

  /** Adds a row for a message at the end. */
  add(message: MessageOfRow, requestId?: string): MessageRow {
    this.load();
    const row: MessageRow = {
      id: ++this.#lastId,
      from: message.direction === "incoming" ? "them" : "me",
      text: sanitizeLines(message.transfer ? withoutSize(message.text) : message.text),
      at: message.time,
      state: message.state,
      ...(requestId === undefined ? {} : { requestId }),
      ...message.transfer !== undefined && { file: message.transfer.number },
      ...message.reply !== undefined && { reply: this.#replyTo(message.reply) },
    };
    this.#messages.push(row);
    this.#last = preview(row);
    this.#rowIds.set(keyOf(message), row.id);
    if (this.#messages.length > MAX_MESSAGES) this.#dropOldest();
    return row;
  }

  /** Updates the row of a message; undefined if it has none. */
  update(
    message: Pick<MessageOfRow, "id" | "identity" | "direction" | "state">,
  ): MessageRow | undefined {
    const id = this.#rowIds.get(keyOf(message));
    const index = this.#messages.findLastIndex((row) => row.id === id);
    const row = this.#messages[index];
    if (row === undefined) return undefined;
    const updated = { ...row, state: message.state };
    this.#messages[index] = updated;
    if (index === this.#messages.length - 1) this.#last = preview(updated);
    return updated;
  }

  /**
   * Something was done with a message. Returns its row; undefined if no page can have it.
   */
  apply(event: ActionEvent): MessageRow | undefined {
    const message = { ...event.target, identity: event.chat.identity };
    const row = this.#rowOf(message);
    if (row === undefined) return undefined;
    const changed = applyToRow(row, event);
    const index = this.#messages.findLastIndex(({ id }) => id === row.id);
    if (index >= 0) this.#messages[index] = changed;
    this.#renewQuotes(changed);
    if (index === this.#messages.length - 1) this.#last = preview(changed);
    return changed;
  }

  /** Rows that answer a message show it as it is now. */
  #renewQuotes(answered: MessageRow): void {
    for (const [index, row] of this.#messages.entries()) {
      if (row.reply?.message !== answered.id) continue;
      const reply = replyRow(answered.id, row.reply.from, answered);
      this.#messages[index] = { ...row, reply };
    }
  }

  /** The peer has seen the user's messages up to this one; false if that changes nothing. */
  markSeen(id: string): boolean {
    const row = this.#rowOf({ id, direction: "outgoing", identity: this.chat?.identity });
    if (row === undefined || row.id <= (this.#seenUpTo ?? -Infinity)) return false;
    this.#seenUpTo = row.id;
    return true;
  }

  /** The reference to the message in a row, and its text. */
  refAt(rowId: number): MessageRef & { readonly text: string } {
    const row = this.#messages.find(({ id }) => id === rowId);
    const key = this.keyAt(rowId) ?? this.#storedAt(rowId)?.mark;
    const text = row?.text ?? this.#storedAt(rowId)?.text;
    if (key === undefined || text === undefined) {
      throw new RequestError("This message is not stored", "message-gone");
    }
    const isOwn = key.startsWith(">") || key.length === ID_DIGITS;
    return { id: key.slice(-ID_DIGITS), direction: isOwn ? "outgoing" : "incoming", text };
  }

  /** The stored message in a row; undefined if it is not stored. */
  storedAt(rowId: number): StoredMessage | undefined {
    if (rowId <= 0) return this.#storedAt(rowId);
    const { id, direction } = this.refAt(rowId);
    return this.#stored.find(markOf({ id, direction, identity: this.chat?.identity }));
  }

  #storedAt(rowId: number): StoredMessage | undefined {
    if (rowId > 0) return undefined;
    const id = rowId + HISTORY_ID_OFFSET;
    const [message] = this.#stored.page(this.thread, id + 1, 1);
    return message?.id === id ? message : undefined;
  }

  #rowOf(message: Pick<Message, "id" | "direction" | "identity">): MessageRow | undefined {
    const id = this.#rowIds.get(keyOf(message));
    const row = id === undefined ? undefined : this.#messages.findLast((row) => row.id === id);
    if (row !== undefined) return row;
    const stored = this.#stored.find(markOf(message));
    if (stored === undefined) return undefined;
    const rowId = stored.id - HISTORY_ID_OFFSET;
    return this.#messages.find(({ id }) => id === rowId) ?? this.#rowOfStored(stored);
  }

  #replyTo(reply: MessageRef): ReplyRow {
    const row = this.#rowOf({ ...reply, identity: this.chat?.identity });
    return replyRow(row?.id ?? 0, reply.direction === "outgoing" ? "me" : "them", row);
  }

  /** The key of the message in a row of this run: of an own one its id. */
  keyAt(rowId: number): string | undefined {
    for (const [key, id] of this.#rowIds) if (id === rowId) return key;
    return undefined;
  }

  #dropOldest(): void {
    this.#messages.splice(0, MAX_MESSAGES / 10);
    this.#isTruncated = true;
    const firstId = this.#messages[0]?.id ?? 0;
    for (const [key, id] of this.#rowIds) {
      if (id >= firstId) return;
      this.#rowIds.delete(key);
    }
  }

  #loadOlder(before: number, count: number): MessageRow[] {
    return this.#stored.page(this.thread, before, count).map((stored) => this.#rowOfStored(stored));
  }

  #rowOfStored(stored: StoredMessage): MessageRow {
    const { id, type, at, peer, delivered, reply } = stored;
    const host = hostOf(peer.address);
    const isElsewhere = host !== "" && host !== hostOf(formatPeerAddress(this));
    return {
      id: id - HISTORY_ID_OFFSET,
      from: type === "received" ? "them" : "me",
      at,
      state: type === "sent" && delivered !== undefined ? "delivered" : type,
      ...actionFieldsOf(stored),
      ...isElsewhere && { address: sanitizeName(host) },
      ...reply !== undefined && { reply: this.#quote(reply) },
    };
  }

  /** The row for the message that a stored one answers. */
  #quote(mark: string): ReplyRow {
    const stored = this.#stored.find(mark);
    const rowId = stored === undefined ? 0 : this.rowIdOf(stored);
    return replyRow(rowId, mark.startsWith(">") ? "me" : "them", stored);
  }
}

/** Identifies a message: an own one by its id, since its recipient's key may not be known yet. */
function keyOf(message: Pick<Message, "id" | "direction" | "identity">): string {
  return message.direction === "outgoing" ? message.id : markOf(message);
}

/** The same for a stored message. */
function keyOfMark(mark: string): string {
  return mark.startsWith(">") ? mark.slice(-ID_DIGITS) : mark;
}

function preview(
  { from, text, at, state, isDeleted = false }: NonNullable<ChatHead["last"]>,
): ChatHead["last"] {
  const line = previewLine(withoutSize(text), PREVIEW_LENGTH);
  return { from, text: line, at, state, ...isDeleted && { isDeleted } };
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, "");
}
