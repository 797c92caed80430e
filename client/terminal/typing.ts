import type { Chat } from "../core/mod.ts";

/** After a pause of this length the user is no longer typing, in milliseconds. */
const TYPING_PAUSE_MS = 5_000;
/** Peers are not told more often than this, in milliseconds. */
const TYPING_INTERVAL_MS = 3_000;
/** A peer that sends nothing more for this long has stopped typing, in milliseconds. */
const TYPING_EXPIRY_MS = 20_000;

/** Tells peers that the user is typing, but seldom: it also reveals when the user is present. */
export class TypingNotice {
  /** The chat whose peer knows that the user is typing. */
  #chat: Chat | undefined;
  /** Ends the time in which no peer is told again. */
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * A key was pressed.
   *
   * @param line the line typed so far
   * @param chat the chat that it would go to
   */
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

  /** The user has stopped typing. */
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

  /** @param changed called when a peer has stopped typing without saying so */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Whether the peer of a chat is typing. */
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

  /** Forgets all of them. */
  stop(): void {
    for (const timer of this.#since.values()) clearTimeout(timer);
    this.#since.clear();
  }
}
