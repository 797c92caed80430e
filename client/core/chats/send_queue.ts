import type { Outbox } from "./outbox.ts";
import type { SecureConnection } from "../peer/secure_connection.ts";
import type { Outgoing } from "../store.ts";
import type { Chat } from "../chat.ts";

/** No more texts are handed to a link once so many bytes wait to be written: they stay queued. */
const MAX_IN_FLIGHT_BYTES = 256 * 1024;

/** What of the outbox is still to be handed to a chat's link, in order and not far ahead. */
export class SendQueue {
  readonly #outbox: Outbox;
  readonly #chat: Chat;
  #link: SecureConnection | undefined;
  /** The first of them is at `#next`. */
  #messages: Outgoing[] = [];
  #next = 0;
  #units = 0;
  #waiting = false;

  /** @param chat in which it is told that something was sent */
  constructor(outbox: Outbox, chat: Chat) {
    this.#outbox = outbox;
    this.#chat = chat;
  }

  /** About how many bytes are not handed over yet. */
  get units(): number {
    return this.#units;
  }

  /** From here on this link takes what there is, all of it. */
  handTo(link: SecureConnection, messages: readonly Outgoing[]): void {
    this.drop();
    this.#link = link;
    for (const message of messages) this.#enqueue(message);
    this.#pump();
  }

  /** Puts a message behind the others. */
  add(message: Outgoing): void {
    this.#enqueue(message);
    this.#pump();
  }

  /** Hands nothing over any more. */
  drop(): void {
    this.#link = undefined;
    this.#forget();
  }

  /** Resolves once all of it is handed over, or is not to be any more. */
  async flushed(): Promise<void> {
    while (this.#link !== undefined && this.#messages.length > 0) await this.#link.written;
  }

  #enqueue(message: Outgoing): void {
    this.#messages.push(message);
    this.#units += message.text.length;
  }

  #forget(): void {
    this.#messages = [];
    this.#next = this.#units = 0;
  }

  #pump(): void {
    const link = this.#link;
    if (link === undefined || this.#waiting) return;
    while (this.#next < this.#messages.length && link.unsent < MAX_IN_FLIGHT_BYTES) {
      const message = this.#messages[this.#next++];
      if (message !== undefined) this.#hand(message, link);
    }
    if (this.#next === this.#messages.length) return this.#forget();
    this.#waiting = true;
    void link.written.then(() => {
      this.#waiting = false;
      this.#pump();
    });
  }

  #hand({ id, at: sentAt, text }: Outgoing, link: SecureConnection): void {
    this.#units -= text.length;
    if (!this.#outbox.hasPart(id)) return; // cancelled
    link.say({ type: "text", id: Uint8Array.fromHex(id), sentAt, text })
      .then(() => this.#outbox.written(id, this.#chat), () => {}); // that it is lost is told by reading
  }
}
