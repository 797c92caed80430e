import { sanitizeName } from "../../../protocol/mod.ts";
import { markOf } from "../../app/mod.ts";
import type { Chat, Message, OnlineUser, Security } from "../../core/mod.ts";
import type { StoredMessage } from "../../storage/mod.ts";
import type { ChatHead, ChatState, MessageRow } from "../messages.ts";
import { formatPeerAddress, sanitizeLines } from "./view_rows.ts";

/** Subtracted from the ids of the history, so that they are below those of this run. */
const HISTORY_ID_OFFSET = 2 ** 52;
/** How many messages a conversation holds in memory; then the oldest are dropped. */
const MAX_MESSAGES = 20_000;
/** How many of them a new page gets. */
const INITIAL_MESSAGES = 60;

type MessageOfRow = Pick<Message, "id" | "text" | "time" | "direction" | "identity" | "state">;

/** Loads stored messages: the newest before an id, oldest first. */
export type LoadHistory = (
  name: string,
  before: number,
  count: number,
) => readonly StoredMessage[];

/** The peer of a conversation. */
export type ConversationPeer = Pick<Chat, "name" | "address" | "port">;

/** The chats with one peer, one after the other, and their messages. */
export class Conversation {
  readonly id: number;
  readonly name: string;
  /** The peer's last address; empty if the peer has not been online since the conversation exists. */
  address: string;
  port: number;
  /** The address as pages show it. */
  shownAddress: string;
  direction: ChatHead["direction"];
  state: ChatHead["state"];
  notice = "";
  /** The last chat; undefined before the first one is open. */
  chat: Chat | undefined;
  /** The user being called, and the way to give up the call. */
  calling: { readonly user: OnlineUser; readonly abort: AbortController } | undefined;
  /** How certain the peer's identity is; a chat's own security takes precedence unless it changed. */
  security: Security = "classic";
  trustOffer: "key" | "classic" = "key";
  unread = 0;
  typing = false;
  readonly #loadHistory: LoadHistory;
  readonly #messages: MessageRow[] = [];
  /** The ids of this run's rows by the marks of their messages, oldest first. */
  readonly #rowIds = new Map<string, number>();
  #lastId = 0;
  /** Whether messages of this run were dropped. */
  #isTruncated = false;

  constructor(
    id: number,
    peer: ConversationPeer,
    direction: ChatHead["direction"],
    loadHistory: LoadHistory,
  ) {
    this.id = id;
    this.name = peer.name;
    this.address = peer.address;
    this.port = peer.port;
    this.shownAddress = formatPeerAddress(peer);
    this.direction = direction;
    this.state = direction === "outgoing" ? "calling" : "open";
    this.#loadHistory = loadHistory;
    this.#messages = this.#loadOlder(Number.MAX_SAFE_INTEGER, INITIAL_MESSAGES / 2);
  }

  /** The heading that pages show. */
  get head(): ChatHead {
    const { id, direction, state, notice, trustOffer, unread, typing } = this;
    const hasChanged = this.security === "changed";
    return {
      ...{ id, direction, state, notice, unread, typing },
      name: sanitizeName(this.name),
      address: this.address === "" ? "" : this.shownAddress,
      security: hasChanged ? "changed" : this.chat?.security ?? this.security,
      ...(hasChanged ? { trustOffer } : {}),
    };
  }

  get snapshot(): ChatState {
    const messages = this.#messages.slice(-INITIAL_MESSAGES);
    return { ...this.head, messages, isComplete: this.isFirst(messages[0]?.id ?? 0) };
  }

  /** The newest messages before an id, oldest first. */
  messagesBefore(id: number, count: number): MessageRow[] {
    const inMemory = this.#messages.filter((message) => message.id < id).slice(-count);
    if (inMemory.length > 0 || this.#isTruncated) return inMemory;
    return id > 0 ? [] : this.#loadOlder(id + HISTORY_ID_OFFSET, count);
  }

  isFirst(id: number): boolean {
    return this.messagesBefore(id, 1).length === 0;
  }

  rowIdOf({ id, mark }: StoredMessage): number {
    const row = mark === undefined ? undefined : this.#rowIds.get(mark);
    return row ?? id - HISTORY_ID_OFFSET;
  }

  /** Adds a row for a message at the end. */
  add(message: MessageOfRow, requestId?: string): MessageRow {
    const row: MessageRow = {
      id: ++this.#lastId,
      from: message.direction === "incoming" ? "them" : "me",
      text: sanitizeLines(message.text),
      at: message.time,
      state: message.state,
      ...(requestId === undefined ? {} : { requestId }),
    };
    this.#messages.push(row);
    this.#rowIds.set(markOf(message), row.id);
    if (this.#messages.length > MAX_MESSAGES) this.#dropOldest();
    return row;
  }

  /** Updates the row of a message; undefined if it has none. */
  update(
    message: Pick<MessageOfRow, "id" | "identity" | "direction" | "state">,
  ): MessageRow | undefined {
    const id = this.#rowIds.get(markOf(message));
    const index = this.#messages.findLastIndex((row) => row.id === id);
    const row = this.#messages[index];
    if (row === undefined) return undefined;
    const updated = { ...row, state: message.state };
    this.#messages[index] = updated;
    return updated;
  }

  /** The mark of the message in a row of this run. */
  markAt(rowId: number): string | undefined {
    for (const [mark, id] of this.#rowIds) if (id === rowId) return mark;
    return undefined;
  }

  #dropOldest(): void {
    this.#messages.splice(0, MAX_MESSAGES / 10);
    this.#isTruncated = true;
    const firstId = this.#messages[0]?.id ?? 0;
    for (const [mark, id] of this.#rowIds) {
      if (id >= firstId) return;
      this.#rowIds.delete(mark);
    }
  }

  #loadOlder(before: number, count: number): MessageRow[] {
    const ownHost = hostOf(formatPeerAddress(this));
    return this.#loadHistory(this.name, before, count).map(
      ({ id, type, text, at, peer, delivered }) => {
        const host = hostOf(peer.address);
        return {
          id: id - HISTORY_ID_OFFSET,
          from: type === "received" ? "them" : "me",
          text: sanitizeLines(text),
          at,
          state: type === "sent" && delivered !== undefined ? "delivered" : type,
          ...(host === ownHost || host === "" ? {} : { address: sanitizeName(host) }),
        };
      },
    );
  }
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, "");
}
