import { decodeRotation, type MessageTarget } from "../../../protocol/mod.ts";
import type { MessageRef } from "../actions/mod.ts";
import type { Chat } from "../chat.ts";
import type { SecureConnection, SecureMessage } from "../peer/mod.ts";
import type { Outgoing } from "../store.ts";
import type { Outbox } from "./outbox.ts";
import { capabilityFor } from "./peer_capabilities.ts";

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
    if (this.#taken.has(part.id) || this.#connection === undefined) return;
    const capability = capabilityFor(part);
    if (capability !== undefined && !this.#connection.can(capability)) {
      return this.#outbox.lacksCapability(part.id, capability);
    }
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

  #write({ id, text }: Outgoing, connection: SecureConnection): void {
    this.bufferedAmount -= text.length;
    const part = this.#outbox.part(id); // it may have been edited
    if (part === undefined) return this.forget(id); // cancelled
    this.#outbox.handed(id);
    connection.say(messageOf(part, connection.can("actions")))
      .then(() => this.#outbox.written(id, this.#chat), () => {}); // the reader reports the loss
  }
}

/** @param knowsReplies whether the peer's version does: others get the text alone */
function messageOf(part: Outgoing, knowsReplies: boolean): SecureMessage {
  const { time: sentAt, text, reply, action, rotation, offer } = part;
  const id = Uint8Array.fromHex(part.id);
  if (rotation !== undefined) return { type: "rotation", id, rotation: decodeRotation(rotation) };
  if (offer !== undefined) return { type: "file-offer", id, sentAt, offer };
  if (action !== undefined) {
    const target = targetOf(action.target);
    return { type: "action", id, sentAt, action: action.type, target, body: text };
  }
  const answered = knowsReplies && reply !== undefined && { reply: targetOf(reply) };
  return { type: "text", id, sentAt, text, ...answered };
}

/** A message as the peer is to look it up. */
function targetOf({ id, direction }: MessageRef): MessageTarget {
  return { whose: direction === "outgoing" ? "sender" : "reader", id: Uint8Array.fromHex(id) };
}
