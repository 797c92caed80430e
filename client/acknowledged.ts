import { type Chat, ClientError, type Messenger } from "./core/mod.ts";

/** How long a peer may take to say that it has what was sent, in milliseconds. */
const PATIENCE = 10_000;

/** What is sent into one chat from now on, until its peer has said that it has all of it. */
export class Acknowledged implements Disposable {
  readonly #messenger: Messenger;
  readonly #chat: Chat;
  readonly #waiting = new Set<string>();
  readonly #unsubscribe: () => void;
  #changed = () => {};

  constructor(messenger: Messenger, chat: Chat) {
    this.#messenger = messenger;
    this.#chat = chat;
    this.#unsubscribe = messenger.subscribe((event) => {
      if (event.kind === "sent" && event.chat === chat && event.id !== undefined) {
        this.#waiting.add(event.id);
      }
      if (event.kind === "queued") this.#waiting.add(event.message.id);
      if (event.kind === "delivered") this.#waiting.delete(event.message.id);
      this.#changed();
    });
  }

  /**
   * Resolves once the peer has all of it; what it has not is given up.
   *
   * @throws {ClientError} `not-sent` where it does not say so in time
   */
  async all(): Promise<void> {
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(true), PATIENCE);
    try {
      while (this.#waiting.size > 0 && this.#chat.open) {
        const news = Promise.withResolvers<boolean>();
        this.#changed = () => news.resolve(false);
        if (await Promise.race([news.promise, late.promise])) break;
      }
    } finally {
      clearTimeout(timer);
    }
    const count = this.#waiting.size;
    if (count === 0) return;
    // Whoever is told that it failed may send it again: it must not go out by itself as well.
    for (const id of this.#waiting) this.#messenger.cancel(id);
    const { name } = this.#chat;
    const what = count === 1 ? "the message" : `${count} messages`;
    throw new ClientError("not-sent", `${name} has not said that ${what} arrived; given up`);
  }

  /** Listens no more. */
  [Symbol.dispose](): void {
    this.#unsubscribe();
  }
}
