import { type Chat, ClientError } from "../core/mod.ts";
import type { Context } from "./context.ts";
import type { ArchivePeer } from "./message_archive.ts";

/** From so many bytes on, whoever pipes lines in faster than the peer reads has to wait. */
const HIGH_WATER_BYTES = 64 * 1024;

/** Texts on their way into chats, and what is said of those that can't be sent. */
export class Sending {
  readonly #host: Pick<Context, "messenger" | "memory" | "note" | "report">;
  #sending: Promise<void> = Promise.resolve();
  readonly #lost = new WeakSet<Chat>();

  /** @param host who is told what was not sent */
  constructor(host: Pick<Context, "messenger" | "memory" | "note" | "report">) {
    this.#host = host;
  }

  /**
   * Sends a text into a chat. Waits only where much is waiting already: a peer that does not read
   * must not keep the user from anything else.
   */
  async send(chat: Chat, text: string): Promise<void> {
    const sending = this.#host.messenger.send(chat, text)
      .catch((error) => this.#notSent(chat, text, error));
    const before = this.#sending;
    this.#sending = sending.then(() => before);
    if (chat.unsent > HIGH_WATER_BYTES) await sending;
  }

  /** Resolves once all that was sent is written, or can't be. */
  async sent(): Promise<void> {
    await this.#sending;
  }

  /** Keeps what was meant for somebody and never went out. */
  keepFailed(peer: ArchivePeer, text: string): void {
    this.#host.memory?.keepFailed(peer, text, this.#host.messenger.server);
  }

  /** Says once for each chat from where on nothing was sent. */
  #notSent(chat: Chat, text: string, error: unknown): void {
    this.keepFailed(chat, text);
    const lost = error instanceof ClientError && error.code === "chat-closed";
    if (!lost) return this.#host.report(error);
    if (this.#lost.has(chat)) return;
    this.#lost.add(chat);
    this.#host.note(`${error.message}; not sent: "${text}" and what followed it`);
  }
}
