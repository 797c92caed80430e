import { abortable } from "@std/async/abortable";
import type { Chat, Message, SendOptions } from "../chat.ts";
import type { Outgoing } from "../store.ts";
import type { Outbox } from "./outbox.ts";

/** Adds the texts of a chat to the outbox, and knows which are not there yet. */
export class TextQueueing {
  readonly #outbox: Outbox;
  readonly #chat: Chat;
  /** Resolves once all texts so far are in the outbox, or could not be stored. */
  #queued: Promise<void> = Promise.resolve();
  #unqueued = 0;

  constructor(outbox: Outbox, chat: Chat) {
    this.#outbox = outbox;
    this.#chat = chat;
  }

  /** How many UTF-16 units are not in the outbox yet. */
  get unqueued(): number {
    return this.#unqueued;
  }

  /** Resolves once these are there, or could not be stored; undefined if there are none. */
  get queued(): Promise<void> | undefined {
    return this.#unqueued > 0 ? this.#queued : undefined;
  }

  /**
   * Adds a text, and waits until it is on its way or queued.
   *
   * @param onQueued called with the parts in order in the turn in which they are added
   * @throws {ClientError} `send-failed` if too much waits already, `storage-failed`
   */
  async add(
    to: Pick<Outgoing, "name" | "server" | "identity">,
    text: string,
    { signal, id, onlyWhileOpen, expiresAfterMs, reply }: SendOptions,
    onQueued: (parts: readonly Outgoing[]) => void,
  ): Promise<Message> {
    const how = { id, onlyWhileOpen, expiresAfterMs, onQueued, reply };
    const queueing = this.#outbox.queue(to, this.#chat, text, how);
    this.#queued = queueing.then(() => {}, () => {});
    this.#unqueued += text.length;
    const message = await queueing.finally(() => this.#unqueued -= text.length);
    try {
      await (signal ? abortable(message.progress, signal) : message.progress);
    } catch (error) {
      await message.cancel();
      throw error;
    }
    return message;
  }
}
