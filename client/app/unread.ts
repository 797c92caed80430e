import type { Chat, Message } from "../core/mod.ts";
import type { PastEvent } from "./events.ts";

/** How many lines are shown again when the user comes back to a chat. */
const RECALLED_LINES = 5;

/** Counts the messages that the user has not seen, and remembers the last lines of each chat. */
export class Unread {
  readonly #counts = new Map<Chat, number>();
  readonly #recent = new WeakMap<Chat, PastEvent[]>();

  /** The chats with unread messages, and how many, the oldest first. */
  get counts(): ReadonlyMap<Chat, number> {
    return this.#counts;
  }

  recent(chat: Chat): readonly PastEvent[] {
    return this.#recent.get(chat) ?? [];
  }

  /** @param seen whether the chat is the current one */
  add({ direction, name, text }: Message, chat: Chat, seen: boolean): void {
    const recent = this.#recent.get(chat) ?? [];
    const what = direction === "outgoing" ? "sent" : "received";
    recent.push({ type: "past", name, what, text, at: Date.now(), among: "chat" });
    this.#recent.set(chat, recent.slice(-RECALLED_LINES));
    if (direction === "incoming" && !seen) {
      this.#counts.set(chat, (this.#counts.get(chat) ?? 0) + 1);
    }
  }

  /** So many were not seen before this run. */
  restore(chat: Chat, count: number): void {
    this.#counts.set(chat, (this.#counts.get(chat) ?? 0) + count);
  }

  /** Marks a chat as read. */
  clear(chat: Chat): void {
    this.#counts.delete(chat);
  }

  /** Drops the counts of chats that no longer exist. */
  keepOnly(chats: readonly Chat[]): void {
    for (const chat of this.#counts.keys()) if (!chats.includes(chat)) this.#counts.delete(chat);
  }
}
