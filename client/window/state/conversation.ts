import type { Chat, OnlineUser, Security } from "../../core/mod.ts";
import type { StoredMessage } from "../../storage/mod.ts";
import { sanitizeName } from "../../../protocol/mod.ts";
import type { ChatHead, ChatState, Message } from "../messages.ts";
import { shownAddress, shownText } from "./view_rows.ts";

/** Messages from the history have their numbers there, moved below zero. */
const HISTORY_LINES = 2 ** 52;
/** How many messages of this run a conversation holds; then the oldest go. */
const MAX_MESSAGES = 20_000;
/** How many of them a page is told at first. */
const INITIAL_MESSAGES = 60;

/** So far apart, in milliseconds, the times of one message may be here and in the history. */
const SAME_TIME_MS = 5_000;

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
  readonly #messages: Message[] = [];
  /** Own messages of which nothing has been heard yet, as they were typed. */
  readonly #pending: { readonly id: number; readonly raw: string }[] = [];
  /** Own messages by the id under which the peer acknowledges them. */
  readonly #acknowledged = new Map<string, number>();
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
  before(id: number, count: number): Message[] {
    const here = this.#messages.filter((message) => message.id < id).slice(-count);
    if (here.length > 0 || this.#cut) return here;
    return id > 0 ? [] : this.#older(id + HISTORY_LINES, count);
  }

  /** The number here of a message that is kept: one of this run is known by what it says and when. */
  locate({ id, text, at }: StoredMessage): number {
    const shown = shownText(text);
    const here = this.#messages.findLast((message) =>
      message.id > 0 && message.text === shown && Math.abs(message.at - at) < SAME_TIME_MS
    );
    return here?.id ?? id - HISTORY_LINES;
  }

  /** Whether that message is the first of all. */
  isFirst(id: number): boolean {
    return this.before(id, 1).length === 0;
  }

  /** Puts a message at the end. */
  add(message: Omit<Message, "id">): Message {
    const added = { ...message, id: ++this.#last };
    this.#messages.push(added);
    if (this.#messages.length > MAX_MESSAGES) {
      this.#messages.splice(0, MAX_MESSAGES / 10);
      this.#cut = true;
    }
    return added;
  }

  /** Puts an own message at the end, which nothing has become of yet. */
  addOwn(raw: string, requestId: string): Message {
    const text = shownText(raw);
    const message = this.add({ from: "me", text, at: Date.now(), state: "sending", requestId });
    this.#pending.push({ id: message.id, raw });
    return message;
  }

  /** Something was heard of an own message with that text: which it is, where this dialog knows it. */
  settle(raw: string, state: Message["state"], wireId?: string): Message | undefined {
    const index = this.#pending.findIndex((pending) => pending.raw === raw);
    const [pending] = index < 0 ? [] : this.#pending.splice(index, 1);
    const id = pending?.id ?? (wireId === undefined ? undefined : this.#acknowledged.get(wireId));
    if (id === undefined) return undefined;
    if (wireId !== undefined) this.#acknowledged.set(wireId, id);
    return this.#change(id, state);
  }

  /** What has become of the message with that id on the wire. */
  acknowledge(wireId: string, state: Message["state"]): Message | undefined {
    const id = this.#acknowledged.get(wireId);
    if (id !== undefined && state !== "queued") this.#acknowledged.delete(wireId);
    return id === undefined ? undefined : this.#change(id, state);
  }

  /** The id on the wire of an own message that is not acknowledged. */
  wireIdOf(id: number): string | undefined {
    for (const [wireId, own] of this.#acknowledged) if (own === id) return wireId;
    return undefined;
  }

  /** Remembers under which id the peer will acknowledge a message. */
  expect(wireId: string, id: number): void {
    this.#acknowledged.set(wireId, id);
  }

  /** An own message did not go out; undefined where that was told already. */
  fail(id: number): Message | undefined {
    const index = this.#pending.findIndex((pending) => pending.id === id);
    if (index < 0) return undefined;
    this.#pending.splice(index, 1);
    return this.#change(id, "failed");
  }

  #change(id: number, state: Message["state"]): Message | undefined {
    const index = this.#messages.findLastIndex((message) => message.id === id);
    const before = this.#messages[index];
    if (before === undefined) return undefined;
    const changed = { ...before, state };
    this.#messages[index] = changed;
    return changed;
  }

  #older(before: number, count: number): Message[] {
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
