import { decodeRotation } from "../../../protocol/mod.ts";
import type { Chat } from "../chat.ts";
import type { SecureConnection } from "../peer/mod.ts";
import type { Outgoing } from "../store.ts";
import type { Outbox } from "./outbox.ts";

/** Once so many bytes wait to be written to a connection, it gets no more: they stay in the outbox. */
const MAX_IN_FLIGHT_BYTES = 256 * 1024;

/** The parts that a chat's connection is still to be handed, in order and not far ahead. */
export class SendQueue {
  /** About how many bytes are not handed over yet. */
  bufferedAmount = 0;
  readonly #outbox: Outbox;
  readonly #chat: Chat;
  #connection: SecureConnection | undefined;
  #parts: Outgoing[] = [];
  /** The ids of those handed to this connection, or about to be, that are not acknowledged. */
  readonly #taken = new Set<string>();
  /** Where in them the first is that was not handed over. */
  #next = 0;
  #isWaiting = false;

  constructor(outbox: Outbox, chat: Chat) {
    this.#outbox = outbox;
    this.#chat = chat;
  }

  /** From here on this connection gets these parts, and those that are added. */
  start(connection: SecureConnection, parts: readonly Outgoing[]): void {
    this.drop();
    this.#connection = connection;
    for (const part of parts) this.#enqueue(part);
    this.#pump();
  }

  /** Adds a part, unless it was added before. */
  add(part: Outgoing): void {
    this.#enqueue(part);
    this.#pump();
  }

  /** A part is acknowledged. */
  forget(id: string): void {
    this.#taken.delete(id);
  }

  drop(): void {
    this.#connection = undefined;
    this.#taken.clear();
    this.#clear();
  }

  /** Resolves once all parts are handed over, or none is to be any more. */
  async flushed(): Promise<void> {
    while (this.#connection !== undefined && this.#parts.length > 0) {
      await this.#connection.written;
    }
  }

  #enqueue(part: Outgoing): void {
    if (this.#taken.has(part.id)) return;
    this.#taken.add(part.id);
    this.#parts.push(part);
    this.bufferedAmount += part.text.length;
  }

  #clear(): void {
    this.#parts = [];
    this.#next = this.bufferedAmount = 0;
  }

  #pump(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#isWaiting) return;
    while (this.#next < this.#parts.length && connection.bufferedAmount < MAX_IN_FLIGHT_BYTES) {
      const part = this.#parts[this.#next++];
      if (part !== undefined) this.#write(part, connection);
    }
    if (this.#next === this.#parts.length) return this.#clear();
    this.#isWaiting = true;
    void connection.written.then(() => {
      this.#isWaiting = false;
      this.#pump();
    });
  }

  #write({ id, time: sentAt, text, rotation }: Outgoing, connection: SecureConnection): void {
    this.bufferedAmount -= text.length;
    if (!this.#outbox.hasPart(id)) return this.forget(id); // cancelled
    const bytes = Uint8Array.fromHex(id);
    const message = rotation === undefined
      ? { type: "text", id: bytes, sentAt, text } as const
      : { type: "rotation", id: bytes, rotation: decodeRotation(rotation) } as const;
    connection.say(message)
      .then(() => this.#outbox.written(id, this.#chat), () => {}); // the reader reports the loss
  }
}
