import type { Chat } from "./chat.ts";
import { ClientError } from "./errors.ts";

/**
 * How far a message is. An outgoing one is first `sending`, then `queued` if its recipient can't be
 * reached now, `sent` once all of it is written, `delivered` once the peer has all of it, or `failed`.
 * An incoming one is `received`. In a classic chat nothing is acknowledged, so `sent` is the end.
 */
export type MessageState = "sending" | "queued" | "sent" | "delivered" | "failed" | "received";

/** A text to or from a peer. Every event about it carries the same object. */
export interface Message {
  /** Names the message: 8 bytes in hex. A text that goes out in several parts has the last one's id. */
  readonly id: string;
  /** The whole text, with `\n` for line breaks. From a peer it is not yet safe to print. */
  readonly text: string;
  /** When it was written, in milliseconds since 1970; of an incoming one, as the peer says. */
  readonly at: number;
  /** Which way it goes. */
  readonly direction: "outgoing" | "incoming";
  /** The peer's name, as it was told: not yet safe to print. */
  readonly name: string;
  /** The peer's public key, 32 bytes; undefined in a classic chat. */
  readonly identity: Uint8Array | undefined;
  /** The chat that it belongs to; undefined for one that waits since an earlier run. */
  readonly chat: Chat | undefined;
  /** How far it is now. */
  readonly state: MessageState;
  /**
   * Resolves once the peer has all of it; in a classic chat once all of it is written. Rejects with a
   * {@linkcode ClientError} `send-failed` if it failed or was cancelled. You need not handle that.
   */
  readonly delivered: Promise<void>;
  /**
   * Gives the message up unless the peer has it. It may arrive all the same if it was sent already.
   *
   * @returns false if there is nothing to give up: it is incoming, delivered, failed or in a classic chat
   * @throws {ClientError} `storage-failed`; the message waits as before then
   */
  cancel(): boolean;
}

/** A message to a peer, which the part of the core that sends it moves from state to state. */
export class OutgoingMessage implements Message {
  readonly id: string;
  readonly text: string;
  readonly at: number;
  readonly direction = "outgoing";
  readonly name: string;
  readonly identity: Uint8Array | undefined;
  chat: Chat | undefined;
  readonly delivered: Promise<void>;
  readonly cancel: () => boolean;
  #state: MessageState = "sending";
  readonly #delivery = Promise.withResolvers<void>();
  readonly #progress = Promise.withResolvers<void>();

  /** @param cancel what {@linkcode Message.cancel} does */
  constructor(
    { id, text, at, name, identity, chat }:
      & Pick<Message, "id" | "text" | "at" | "name" | "identity">
      & Partial<Pick<Message, "chat">>,
    cancel: () => boolean,
  ) {
    this.id = id;
    this.text = text;
    this.at = at;
    this.name = name;
    this.identity = identity;
    this.chat = chat;
    this.cancel = cancel;
    this.delivered = this.#delivery.promise;
    this.delivered.catch(() => {}); // nobody has to watch it
  }

  get state(): MessageState {
    return this.#state;
  }

  /** Resolves once it has left the state `sending`. */
  get progress(): Promise<void> {
    return this.#progress.promise;
  }

  /** Moves it on. */
  become(state: "queued" | "sent" | "delivered"): void {
    this.#state = state;
    this.#progress.resolve();
    const isEnd = state === "delivered" || (state === "sent" && this.identity === undefined);
    if (isEnd) this.#delivery.resolve();
  }

  /** It will not arrive. */
  fail(reason: string): void {
    this.#state = "failed";
    this.#progress.resolve();
    const details = { reason: "not-delivered", name: this.name, why: reason } as const;
    this.#delivery.reject(new ClientError("send-failed", details));
  }
}

/** A message that has come in a chat. */
export function incomingMessage(
  chat: Chat,
  { id, text, at }: Pick<Message, "id" | "text" | "at">,
): Message {
  const { name, identity } = chat;
  return {
    ...{ id, text, at, name, identity, chat },
    direction: "incoming",
    state: "received",
    delivered: Promise.resolve(),
    cancel: () => false,
  };
}

/** A fresh id for a message. */
export function randomMessageId(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}
