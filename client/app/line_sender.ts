import { deadline } from "@std/async/deadline";
import { type Chat, ClientError, type MessageRef, type Room } from "../core/mod.ts";
import { sentence } from "./describe_error.ts";

/** How long a command waits for what was typed before it to be on its way. */
const SETTLE_TIMEOUT_MS = 300;
/** A caller that pipes lines in has to wait while more than this is unsent, in bytes. */
const HIGH_WATER_BYTES = 64 * 1024;

interface LineSenderOptions {
  readonly note: (text: string) => void;
  readonly report: (error: unknown) => void;
  /** Keeps a text that could not be sent. */
  readonly keepFailed: (chat: Chat, text: string) => void;
}

/** Sends lines to chats and rooms, and says which could not be sent. */
export class LineSender {
  readonly #options: LineSenderOptions;
  #sending: Promise<void> = Promise.resolve();
  /** Chats for which a note says that nothing more was sent. */
  readonly #lost = new WeakSet<Chat>();

  constructor(options: LineSenderOptions) {
    this.#options = options;
  }

  /** Waits only if much is unsent: a peer that does not read must not block the user. */
  async send(chat: Chat, text: string, reply?: MessageRef): Promise<void> {
    const sending = chat.send(text, { reply }).catch((error) => this.#failed(chat, text, error));
    this.#follow(sending);
    if (chat.bufferedAmount > HIGH_WATER_BYTES) await sending;
  }

  async sendToRoom(room: Room, text: string, replyTo?: string): Promise<void> {
    const sending = room.send(text, { replyTo }).then(() => {}, this.#options.report);
    this.#follow(sending);
    await sending;
  }

  /** Resolves once what was typed is on its way, or after a moment. */
  async settled(): Promise<void> {
    await deadline(this.#sending, SETTLE_TIMEOUT_MS).catch(() => {});
  }

  /** Resolves when all that was sent is written, or has failed. */
  async flushed(): Promise<void> {
    await this.#sending;
  }

  #follow(sending: Promise<unknown>): void {
    const before = this.#sending;
    this.#sending = sending.then(() => before);
  }

  /** Says once for each chat which text was the first that was not sent. */
  #failed(chat: Chat, text: string, error: unknown): void {
    this.#options.keepFailed(chat, text);
    const isLost = error instanceof ClientError && error.code === "chat-closed";
    if (!isLost) return this.#options.report(error);
    if (this.#lost.has(chat)) return;
    this.#lost.add(chat);
    this.#options.note(`${sentence(error)}; not sent: "${text}" and everything after it`);
  }
}
