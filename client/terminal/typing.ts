import type { Chat } from "../core/mod.ts";

/** After a pause of this length the user is no longer typing, in milliseconds. */
const TYPING_PAUSE_MS = 5_000;
/** A peer is notified at most once in this time, in milliseconds. */
const TYPING_INTERVAL_MS = 3_000;
/** A peer that sends nothing more for this long has stopped typing, in milliseconds. */
const TYPING_EXPIRY_MS = 20_000;

/** Notifies peers that the user is typing, but seldom: it also reveals when the user is present. */
export class TypingNotice {
  /** The chat whose peer was notified. */
  #chat: Chat | undefined;
  /** Runs while no peer is notified again. */
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A key was pressed; `chat` is the one that the line typed so far would go to. */
  typed(line: string, chat: Chat | undefined): void {
    clearTimeout(this.#timer);
    const command = line.startsWith("/") && !line.startsWith("//");
    const types = line.trim() !== "" && !command && chat?.state === "open" &&
      chat.identity !== undefined;
    if (!types || chat !== this.#chat) this.stop();
    if (!types) return;
    this.#timer = setTimeout(() => this.stop(), TYPING_PAUSE_MS);
    if (chat === this.#chat || this.#quiet !== undefined) return;
    this.#chat = chat;
    this.#quiet = setTimeout(() => this.#quiet = undefined, TYPING_INTERVAL_MS);
    chat.setTyping(true);
  }

  /** Stops for good. */
  close(): void {
    this.stop();
    clearTimeout(this.#quiet);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#chat?.setTyping(false);
    this.#chat = undefined;
  }
}

/** The peers who are typing. */
export class Typists {
  readonly #since = new Map<Chat, ReturnType<typeof setTimeout>>();
  readonly #changed: () => void;

  /** @param changed called when a peer has stopped typing without a message about it */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  has(chat: Chat): boolean {
    return this.#since.has(chat);
  }

  /** The peer of a chat has begun or stopped typing. */
  set(chat: Chat, typing: boolean): void {
    clearTimeout(this.#since.get(chat));
    this.#since.delete(chat);
    if (!typing) return;
    this.#since.set(
      chat,
      setTimeout(() => {
        this.#since.delete(chat);
        this.#changed();
      }, TYPING_EXPIRY_MS),
    );
  }

  stop(): void {
    for (const timer of this.#since.values()) clearTimeout(timer);
    this.#since.clear();
  }
}
