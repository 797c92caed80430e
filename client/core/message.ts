import type { Chat, Message } from "./chat.ts";
import { PublicKey } from "./public_key.ts";
import { ClientError } from "./errors.ts";
import type { Transfer } from "./transfer.ts";

/** A message to a peer, which the part of the core that sends it moves from state to state. */
export class OutgoingMessage implements Message {
  readonly id: string;
  text: string;
  readonly time: number;
  readonly reply: Message["reply"];
  readonly action: Message["action"];
  missing: Message["missing"];
  readonly direction = "outgoing";
  readonly name: string;
  identity: PublicKey | undefined;
  chat: Chat | undefined;
  state: Message["state"] = "sending";
  readonly transfer: Transfer | undefined;
  readonly delivered: Promise<void>;
  readonly cancel: () => Promise<boolean>;
  readonly #delivery = Promise.withResolvers<void>();
  readonly #progress = Promise.withResolvers<void>();

  /** @param cancel what {@linkcode Message.cancel} does */
  constructor(
    { id, text, time, name, identity, chat, reply, action, transfer }:
      & Pick<Message, "id" | "text" | "time" | "name" | "reply" | "action">
      & { readonly identity: Uint8Array | undefined }
      & Partial<Pick<Message, "chat" | "transfer">>,
    cancel: () => Promise<boolean>,
  ) {
    this.id = id;
    this.text = text;
    this.time = time;
    this.name = name;
    this.reply = reply;
    this.action = action;
    this.identity = identity && new PublicKey(identity);
    this.chat = chat;
    this.transfer = transfer;
    this.cancel = cancel;
    this.delivered = this.#delivery.promise;
    this.delivered.catch(() => {}); // nobody has to watch it
  }

  /** Resolves once it has left the state `sending`. */
  get progress(): Promise<void> {
    return this.#progress.promise;
  }

  become(state: "queued" | "sent" | "delivered"): void {
    this.state = state;
    this.#progress.resolve();
    const isEnd = state === "delivered" || (state === "sent" && this.identity === undefined);
    if (isEnd) this.#delivery.resolve();
  }

  fail(reason: string): void {
    this.state = "failed";
    this.#progress.resolve();
    const details = { reason: "not-delivered", name: this.name, why: reason } as const;
    this.#delivery.reject(new ClientError("send-failed", details));
  }
}

/** How far ahead of this machine's clock a peer's message may be dated. */
const MAX_CLOCK_SKEW_MS = 5 * 60_000;
/** How long a message may have waited in its sender's outbox before a chat began. */
const MAX_OUTBOX_AGE_MS = 90 * 86_400_000;

/**
 * When a message was written: as its sender says, within what can be. A peer's clock may be wrong, and
 * may say anything.
 *
 * @param chatSince when the chat began, in milliseconds since 1970
 */
export function plausibleTime(sentAt: number, chatSince: number, now = Date.now()): number {
  return Math.max(chatSince - MAX_OUTBOX_AGE_MS, Math.min(sentAt, now + MAX_CLOCK_SKEW_MS));
}

export function incomingMessage(
  chat: Chat,
  { id, text, time, reply, transfer }: Pick<Message, "id" | "text" | "time" | "reply" | "transfer">,
): Message {
  const { name, identity } = chat;
  return {
    ...{ id, text, time, name, identity, chat, reply },
    ...transfer !== undefined && { transfer },
    direction: "incoming",
    state: "received",
    delivered: Promise.resolve(),
    cancel: () => Promise.resolve(false),
  };
}

/** A fresh id for a message. */
export function randomMessageId(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}
