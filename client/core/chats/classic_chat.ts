import { chatClosedError } from "./chat_errors.ts";
import { encodeLine } from "../../../protocol/mod.ts";
import { abortable } from "@std/async/abortable";
import type { Chat, Message, SendOptions } from "../chat.ts";
import { ClientError } from "../errors.ts";
import { clientLimits } from "../limits.ts";
import { incomingMessage, OutgoingMessage, randomMessageId } from "../message.ts";
import type { ClassicConnection } from "../peer/mod.ts";
import type { Transfer } from "../transfer.ts";
import { plainOwnAddress } from "../session/mod.ts";
import { BaseChat, type MessageSource, type PeerAddress } from "./base_chat.ts";
import type { ChatComponents } from "./chat_components.ts";

/** A chat in classic MIM: lines of text over one connection, with which it ends. */
export class ClassicChat extends BaseChat {
  readonly security = "classic";
  readonly identity = undefined;
  override isOpen = true;
  readonly isNotOwner: boolean;
  readonly #components: ChatComponents;
  readonly #connection: ClassicConnection;

  constructor(
    components: ChatComponents,
    peer: PeerAddress,
    direction: Chat["direction"],
    connection: ClassicConnection,
    isNotOwner: boolean,
  ) {
    super(components, peer, direction);
    this.isNotOwner = isNotOwner;
    this.#components = components;
    this.#connection = connection;
  }

  get state(): Chat["state"] {
    return this.isOpen ? "open" : "closed";
  }

  get bufferedAmount(): number {
    return this.#connection.bufferedAmount;
  }

  get connectionDirection(): Chat["direction"] {
    return this.direction;
  }

  protected override readonly actions = undefined;

  setTyping(): void {}

  can(): boolean {
    return false;
  }

  markSeen(): void {}

  dropConnectionsFrom(gone: ReadonlySet<string>): void {
    if (gone.has(plainOwnAddress(this.#connection.local.hostname))) this.#connection.close();
  }

  /** Takes what the peer says until the connection ends. Never rejects. */
  async follow(source: MessageSource): Promise<void> {
    const { by, fault } = await this.readAll(source, (message) => {
      if (!this.isOpen || message.type !== "text") return;
      const received = { id: randomMessageId(), text: message.text, time: Date.now() };
      this.receive(incomingMessage(this, received));
    });
    if (!this.isOpen) return;
    this.reportFault(fault);
    this.isOpen = false;
    this.#connection.close();
    this.#components.events.emit({ type: "chat-closed", chat: this, by });
    this.release();
  }

  protected override offerFiles(): Promise<Transfer> {
    const details = { reason: "no-files", name: this.name } as const;
    return Promise.reject(new ClientError("send-failed", details));
  }

  protected override async sendText(
    text: string,
    { signal, id = randomMessageId() }: SendOptions,
  ): Promise<Message> {
    const { screener, events } = this.#components;
    screener.meet(this);
    const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== "");
    const encoded = this.#encode(lines);
    const { name, identity } = this;
    const fields = { id, text: lines.join("\n"), time: Date.now(), name, identity, chat: this };
    const message = new OutgoingMessage(fields, () => Promise.resolve(false));
    // All lines are handed over at once: other texts, and a close, come behind the last of them.
    const written = Promise.all(encoded.map((line) => this.#connection.send(line))).then(() => {
      message.become("sent");
      events.emit({ type: "sent", chat: this, message });
    }, (cause) => {
      message.fail("the connection was lost");
      throw new ClientError("chat-closed", { reason: "lost", name }, { cause });
    });
    await (signal ? abortable(written, signal) : written);
    return message;
  }

  protected override finish(): Promise<boolean> {
    return this.#connection.finish();
  }

  protected override written(): Promise<void> {
    return this.#connection.written;
  }

  /** @throws {ClientError} `chat-closed`, `send-failed` */
  #encode(lines: readonly string[]): Uint8Array[] {
    if (!this.isOpen) throw chatClosedError(this);
    try {
      const encoded = lines.map(encodeLine);
      const size = encoded.reduce((sum, { length }) => sum + length, 0);
      const waitingBytes = this.bufferedAmount;
      if (waitingBytes > 0 && waitingBytes + size > clientLimits.bufferedBytes) {
        const reason = "peer-not-reading";
        throw new ClientError("send-failed", { reason, name: this.name, waitingBytes });
      }
      return encoded;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const details = { reason: "invalid-text", text: error.message } as const;
      throw new ClientError("send-failed", details, { cause: error });
    }
  }
}
