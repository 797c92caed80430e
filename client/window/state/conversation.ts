import { markOf } from "../../app/mod.ts";
import type { Chat, Message, OnlineUser, Security } from "../../core/mod.ts";
import type { StoredMessage } from "../../storage/mod.ts";
import { sanitizeName } from "../../../protocol/mod.ts";
import type { ChatHead, ChatState, MessageRow } from "../messages.ts";
import { shownAddress, shownText } from "./view_rows.ts";

/** Messages from the history have their numbers there, moved below zero. */
const HISTORY_LINES = 2 ** 52;
/** How many messages of this run a conversation holds; then the oldest go. */
const MAX_MESSAGES = 20_000;
/** How many of them a page is told at first. */
const INITIAL_MESSAGES = 60;

/** What a row shows of a message. */
type MessageOfRow = Pick<Message, "id" | "text" | "at" | "direction" | "identity" | "state">;

/** Looks up what was said before this run: the messages before one, oldest first. */
export type Past = (name: string, before: number, count: number) => readonly StoredMessage[];

/** What a dialog shows: the chats with one peer, one after the other, and what is said in them. */
export class Conversation {
  readonly id: number;
  readonly name: string;
  /** Where the peer was last; empty for one who was not online since this dialog is open. */
  address: string;
  port: number;
  /** Where that is, as it is shown. */
  where: string;
  by: "me" | "them";
  state: ChatHead["state"];
  why = "";
  /** Undefined while somebody is called, and where that failed. */
  chat: Chat | undefined;
  /** Who is being called. */
  calling: OnlineUser | undefined;
  /** How sure it is who the peer is; that of the chat, once there is one. */
  security: Security = "classic";
  /** What is there in place of the key that is known, where it is not that one. */
  instead: "key" | "classic" = "key";
  unread = 0;
  typing = false;
  readonly #past: Past;
  readonly #messages: MessageRow[] = [];
  /** The rows of this run by the marks of their messages, see {@linkcode markOf}, the oldest first. */
  readonly #rows = new Map<string, number>();
  #last = 0;
  /** Whether messages of this run were given up. */
  #cut = false;

  constructor(
    id: number,
    peer: Pick<Chat, "name" | "address" | "port">,
    by: "me" | "them",
    past: Past,
  ) {
    this.id = id;
    this.name = peer.name;
    this.address = peer.address;
    this.port = peer.port;
    this.where = shownAddress(peer);
    this.by = by;
    this.state = by === "me" ? "calling" : "open";
    this.#past = past;
    this.#messages = this.#older(Number.MAX_SAFE_INTEGER, INITIAL_MESSAGES / 2);
  }

  /** What stands above the messages. */
  get head(): ChatHead {
    const { id, by, state, why, unread, typing } = this;
    const security = this.security === "changed" ? "changed" : this.chat?.security ?? this.security;
    const name = sanitizeName(this.name);
    const address = this.address === "" ? "" : this.where;
    const trust = this.security === "changed" ? { mayTrust: this.instead } : {};
    return { id, name, address, by, state, why, security, ...trust, unread, typing };
  }

  /** All that a page has to know at first. */
  get snapshot(): ChatState {
    const messages = this.#messages.slice(-INITIAL_MESSAGES);
    const first = messages[0]?.id ?? 0;
    return { ...this.head, messages, whole: this.before(first, 1).length === 0 };
  }

  /** Messages before that one, oldest first, up to so many. */
  before(id: number, count: number): MessageRow[] {
    const here = this.#messages.filter((message) => message.id < id).slice(-count);
    if (here.length > 0 || this.#cut) return here;
    return id > 0 ? [] : this.#older(id + HISTORY_LINES, count);
  }

  /** The row of a message from the history. */
  locate({ id, mark }: StoredMessage): number {
    const row = mark === undefined ? undefined : this.#rows.get(mark);
    return row ?? id - HISTORY_LINES;
  }

  /** Whether that message is the first of all. */
  isFirst(id: number): boolean {
    return this.before(id, 1).length === 0;
  }

  /** Adds a row for a message at the end. */
  add(message: MessageOfRow, requestId?: string): MessageRow {
    const row: MessageRow = {
      id: ++this.#last,
      from: message.direction === "incoming" ? "them" : "me",
      text: shownText(message.text),
      at: message.at,
      state: message.state,
      ...(requestId === undefined ? {} : { requestId }),
    };
    this.#messages.push(row);
    this.#rows.set(markOf(message), row.id);
    if (this.#messages.length > MAX_MESSAGES) this.#dropOldest();
    return row;
  }

  /** The row of a message in its state of now; undefined if it has none. */
  update(
    message: Pick<MessageOfRow, "id" | "identity" | "direction" | "state">,
  ): MessageRow | undefined {
    const id = this.#rows.get(markOf(message));
    return id === undefined ? undefined : this.#change(id, message.state);
  }

  /** The mark of the message in a row of this run. */
  markAt(row: number): string | undefined {
    for (const [mark, id] of this.#rows) if (id === row) return mark;
    return undefined;
  }

  #dropOldest(): void {
    this.#messages.splice(0, MAX_MESSAGES / 10);
    this.#cut = true;
    const first = this.#messages[0]?.id ?? 0;
    for (const [mark, id] of this.#rows) {
      if (id >= first) return;
      this.#rows.delete(mark);
    }
  }

  #change(id: number, state: MessageRow["state"]): MessageRow | undefined {
    const index = this.#messages.findLastIndex((message) => message.id === id);
    const before = this.#messages[index];
    if (before === undefined) return undefined;
    const changed = { ...before, state };
    this.#messages[index] = changed;
    return changed;
  }

  #older(before: number, count: number): MessageRow[] {
    return this.#past(this.name, before, count).map(({ id, type, text, at, peer, delivered }) => {
      const host = peer.address.replace(/:\d+$/, "");
      const own = shownAddress(this).replace(/:\d+$/, "");
      return {
        id: id - HISTORY_LINES,
        from: type === "received" ? "them" : "me",
        text: shownText(text),
        at,
        state: type === "sent" && delivered !== undefined ? "delivered" : type,
        ...(host === own || host === "" ? {} : { address: sanitizeName(host) }),
      };
    });
  }
}
