import type { Chat } from "../core/mod.ts";

/** Who has stopped for so long types no more, in milliseconds. */
const TYPING_PAUSE_MS = 5_000;
/** It is not said more often than that. */
const TYPING_INTERVAL_MS = 3_000;
/** Who said so and then nothing, has stopped by now. */
const TYPING_EXPIRY_MS = 20_000;

/** Tells peers that the user types, sparingly: what goes out tells others when somebody is there. */
export class TypingNotice {
  /** Who was told that the user types. */
  #told: Chat | undefined;
  /** Ends the time in which it is not said again. */
  #quiet: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * A key was pressed.
   *
   * @param line what is typed by now
   * @param chat where it would go
   */
  typed(line: string, chat: Chat | undefined): void {
    clearTimeout(this.#timer);
    const command = line.startsWith("/") && !line.startsWith("//");
    const types = line.trim() !== "" && !command && chat?.state === "open" &&
      chat.identity !== undefined;
    if (!types || chat !== this.#told) this.stop();
    if (!types) return;
    this.#timer = setTimeout(() => this.stop(), TYPING_PAUSE_MS);
    if (chat === this.#told || this.#quiet !== undefined) return;
    this.#told = chat;
    this.#quiet = setTimeout(() => this.#quiet = undefined, TYPING_INTERVAL_MS);
    chat.setTyping(true);
  }

  /** Says nothing more to anybody. */
  close(): void {
    this.stop();
    clearTimeout(this.#quiet);
  }

  /** The user types no more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#told?.setTyping(false);
    this.#told = undefined;
  }
}

/** The peers that type now, as far as they have told. */
export class Typists {
  readonly #since = new Map<Chat, ReturnType<typeof setTimeout>>();
  readonly #changed: () => void;

  /** @param changed called where a peer has stopped without a word */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Whether the peer of that chat types. */
  has(chat: Chat): boolean {
    return this.#since.has(chat);
  }

  /** The peer of that chat has begun to type, or ceased. */
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

  /** Waits for nobody any more. */
  stop(): void {
    for (const timer of this.#since.values()) clearTimeout(timer);
    this.#since.clear();
  }
}
