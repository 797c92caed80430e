import type { Chat, Message } from "../core/mod.ts";
import type { PastEvent } from "./events.ts";

/** How many lines of a chat are shown again to whoever comes back to it. */
const RECALLED_LINES = 5;

/** What was said in chats since the user was last there, and what was said there last. */
export class Unread {
  readonly #counts = new Map<Chat, number>();
  readonly #recent = new WeakMap<Chat, PastEvent[]>();

  /** Chats with messages that the user has not been there for, and how many; the oldest first. */
  get counts(): ReadonlyMap<Chat, number> {
    return this.#counts;
  }

  /** The last lines of a chat. */
  recent(chat: Chat): readonly PastEvent[] {
    return this.#recent.get(chat) ?? [];
  }

  /**
   * Takes down a message.
   *
   * @param seen whether the user is there
   */
  add({ direction, name, text }: Message, chat: Chat, seen: boolean): void {
    const recent = this.#recent.get(chat) ?? [];
    const what = direction === "outgoing" ? "sent" : "received";
    recent.push({ type: "past", name, what, text, at: Date.now(), among: "chat" });
    this.#recent.set(chat, recent.slice(-RECALLED_LINES));
    if (direction === "incoming" && !seen) {
      this.#counts.set(chat, (this.#counts.get(chat) ?? 0) + 1);
    }
  }

  /** The user is there, or the chat is gone. */
  clear(chat: Chat): void {
    this.#counts.delete(chat);
  }

  /** Keeps nothing of chats that are no more: others have taken their place. */
  keepOnly(chats: readonly Chat[]): void {
    for (const chat of this.#counts.keys()) if (!chats.includes(chat)) this.#counts.delete(chat);
  }
}
