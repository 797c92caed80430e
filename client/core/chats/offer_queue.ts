import type { Chat } from "../chat.ts";
import { type FileTransfer, offerLabel, type OfferQueue } from "../files/mod.ts";
import type { OutgoingMessage } from "../message.ts";
import type { Outgoing } from "../store.ts";
import type { Outbox } from "./outbox.ts";

/** Puts offers of files among the messages in the outbox. */
export class OutboxOffers implements OfferQueue {
  readonly #outbox: Outbox;
  readonly #server: string;
  readonly #chat: Chat | undefined;
  readonly #onQueued: (parts: readonly Outgoing[]) => void;
  #message: OutgoingMessage | undefined;

  /** @param chat in which it is offered; undefined for an offer of an earlier run */
  constructor(
    outbox: Outbox,
    server: string,
    chat?: Chat,
    onQueued: (parts: readonly Outgoing[]) => void = () => {},
  ) {
    this.#outbox = outbox;
    this.#server = server;
    this.#chat = chat;
    this.#onQueued = onQueued;
  }

  async queue(transfer: FileTransfer): Promise<OutgoingMessage> {
    const { id, name, time, offerBytes: offer } = transfer;
    const identity = new Uint8Array(transfer.identity);
    const part = {
      id,
      name,
      server: this.#server,
      identity,
      text: offerLabel(transfer),
      offer,
      time,
    };
    this.#message = await this.#outbox.queueOffer(part, transfer, this.#chat);
    this.#onQueued([part]);
    return this.#message;
  }

  async cancel(): Promise<void> {
    await this.#message?.cancel();
  }
}
