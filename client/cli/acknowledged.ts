import { type Chat, ClientError, type Messenger } from "../core/mod.ts";
import { within } from "../core/within.ts";

/** How long a peer may say nothing of having what was sent, in milliseconds. */
const PATIENCE_MS = 10_000;

/** So many may be on their way. */
const MAX_WAITING = 256;

/** What is sent into one chat from now on, until its peer has said that it has all of it. */
export class Acknowledged implements Disposable {
  readonly #messenger: Messenger;
  readonly #chat: Chat;
  readonly #waiting = new Set<string>();
  readonly #unsubscribe: () => void;
  #changed: () => void = () => {};

  constructor(messenger: Messenger, chat: Chat) {
    this.#messenger = messenger;
    this.#chat = chat;
    this.#unsubscribe = messenger.subscribe((event) => {
      if (event.type === "sent" && event.chat === chat && event.id !== undefined) {
        this.#waiting.add(event.id);
      }
      if (event.type === "queued") this.#waiting.add(event.message.id);
      if (event.type === "delivered") this.#waiting.delete(event.message.id);
      this.#changed();
    });
  }

  /**
   * Resolves once little of it is on its way: what is sent faster than it arrives would pile up.
   *
   * @throws {ClientError} as `all`
   */
  async few(): Promise<void> {
    if (this.#waiting.size > MAX_WAITING) await this.#until(MAX_WAITING / 2);
  }

  /**
   * Resolves once the peer has all of it; what it has not is given up.
   *
   * @throws {ClientError} `send-failed` where it says nothing of the kind for too long
   */
  async all(): Promise<void> {
    await this.#until(0);
  }

  async #until(most: number): Promise<void> {
    let heard = true;
    while (heard && this.#waiting.size > most && this.#chat.open) {
      const before = this.#waiting.size;
      const news = Promise.withResolvers<void>();
      this.#changed = () => this.#waiting.size < before && news.resolve();
      heard = await within(news.promise, PATIENCE_MS) !== "late";
    }
    if (this.#waiting.size <= most) return;
    const count = this.#waiting.size;
    // Whoever is told that it failed may send it again: it must not go out by itself as well.
    for (const id of this.#waiting) this.#messenger.cancel(id);
    const { name } = this.#chat;
    const what = count === 1 ? "the message" : `${count} messages`;
    throw new ClientError("send-failed", `${name} has not said that ${what} arrived; given up`);
  }

  /** Listens no more. */
  [Symbol.dispose](): void {
    this.#unsubscribe();
  }
}
