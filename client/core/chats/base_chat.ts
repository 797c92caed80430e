import { chatClosedError } from "./chat_errors.ts";
import type { PublicKey } from "../public_key.ts";
import { setImmediate } from "node:timers";
import { type Capability, ProtocolError } from "../../../protocol/mod.ts";
import type { MessageRef } from "../actions/mod.ts";
import type { CallMessage } from "../calls/mod.ts";
import type { Chat, Message, SendOptions } from "../chat.ts";
import { ClientError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";
import { clientLimits } from "../limits.ts";
import type { Security } from "../security.ts";
import type { FileInput, SendFileOptions, Transfer } from "../transfer.ts";
import type { Shutdown } from "./shutdown.ts";
import { untilStored } from "../store_wait.ts";

/** After so many messages of one peer, everything else has its turn. */
const MESSAGES_PER_TURN = 32;

export interface MessageSource {
  next(): Promise<CallMessage | undefined>;
}

/** How reading has ended: the peer closed, or the connection broke, perhaps by a fault of the peer's. */
interface ReadEnd {
  readonly by: "them" | "lost";
  readonly fault?: string | undefined;
}

interface BaseComponents {
  readonly events: EventBus;
  /** The chats that were not closed from here. */
  readonly registry: {
    has(chat: BaseChat): boolean;
    delete(chat: BaseChat): boolean;
    linger(closing: Promise<unknown>): void;
  };
  readonly shutdown: Shutdown;
}

export type PeerAddress = Pick<Chat, "name" | "address" | "port">;

/** What classic chats and chats with keys have in common. */
export abstract class BaseChat implements Chat {
  name: string;
  address: string;
  port: number;
  direction: Chat["direction"];
  abstract readonly security: Security;
  abstract readonly identity: PublicKey | undefined;
  abstract readonly state: Chat["state"];
  abstract readonly bufferedAmount: number;
  /** Which side has dialed, perhaps another than called first; undefined without a connection. */
  abstract readonly connectionDirection: Chat["direction"] | undefined;
  isOpen = false;
  /** Whether a stranger has opened it, and the user has not written into it. */
  isStranger = false;
  readonly #components: BaseComponents;
  readonly #readers = new Set<ReadableStreamDefaultController<Message>>();
  #isReleased = false;

  constructor(
    components: BaseComponents,
    { name, address, port }: PeerAddress,
    direction: Chat["direction"],
  ) {
    this.#components = components;
    this.name = name;
    this.address = address;
    this.port = port;
    this.direction = direction;
  }

  abstract setTyping(isTyping: boolean): void;
  abstract can(capability: Capability): boolean | undefined;
  abstract markSeen(): void;
  /** The actions on messages; undefined in a classic chat. */
  protected abstract readonly actions:
    | Pick<Chat, "edit" | "delete" | "react" | "unreact">
    | undefined;
  protected abstract offerFiles(input: FileInput, options: SendFileOptions): Promise<Transfer>;
  protected abstract sendText(text: string, options: SendOptions): Promise<Message>;
  /** Ends connections from addresses of this machine that have gone: nothing comes over them. */
  abstract dropConnectionsFrom(gone: ReadonlySet<string>): void;
  /** Writes what waits, then closes; false if the connection broke before the peer closed. */
  protected abstract finish(): Promise<boolean>;
  /** Resolves once texts that are being stored are; undefined if there are none. */
  protected get queued(): Promise<void> | undefined {
    return undefined;
  }
  protected abstract written(): Promise<void>;

  async send(text: string, options: SendOptions = {}): Promise<Message> {
    if (text.trim() === "") throw new TypeError("expected a text, got only white space");
    const { expiresAfterMs } = options;
    if (expiresAfterMs !== undefined && !(expiresAfterMs > 0)) {
      throw new RangeError(`expected expiresAfterMs to be positive, got ${expiresAfterMs}`);
    }
    options.signal?.throwIfAborted();
    this.isStranger = false;
    if (!this.#components.registry.has(this)) throw chatClosedError(this);
    return await this.sendText(text, options);
  }

  async edit(message: MessageRef, text: string): Promise<Message> {
    return await this.#actions().edit(message, text);
  }

  async delete(message: MessageRef): Promise<Message> {
    return await this.#actions().delete(message);
  }

  async react(message: MessageRef, emoji: string): Promise<Message> {
    return await this.#actions().react(message, emoji);
  }

  async unreact(message: MessageRef, emoji: string): Promise<Message> {
    return await this.#actions().unreact(message, emoji);
  }

  async sendFile(input: FileInput, options: SendFileOptions = {}): Promise<Transfer> {
    options.signal?.throwIfAborted();
    this.isStranger = false;
    if (!this.#components.registry.has(this)) throw chatClosedError(this);
    return await this.offerFiles(input, options);
  }

  async close(): Promise<boolean> {
    const { registry, events, shutdown } = this.#components;
    if (!registry.has(this)) throw chatClosedError(this);
    // A shutdown has waited for the store already.
    if (this.queued !== undefined && !shutdown.signal.aborted) {
      await untilStored(this.queued, clientLimits.storeTimeoutMs, events);
    }
    if (!registry.delete(this)) throw chatClosedError(this);
    if (!this.isOpen) return true;
    this.isOpen = false;
    const finished = this.finish();
    registry.linger(finished); // for whoever closes all chats meanwhile
    // The events of what was sent before come before that of the close.
    if (this.bufferedAmount > 0) await Promise.race([this.written(), finished]);
    events.emit({ type: "chat-closed", chat: this, by: "me" });
    return await finished;
  }

  [Symbol.asyncIterator](): AsyncIterator<Message> {
    let reader: ReadableStreamDefaultController<Message>;
    const messages = new ReadableStream<Message>({
      start: (controller) => {
        reader = controller;
        if (this.#isReleased) controller.close();
        else this.#readers.add(controller);
      },
      cancel: () => void this.#readers.delete(reader),
    });
    return messages[Symbol.asyncIterator]();
  }

  /** Nothing more comes in: iterators over the chat end. */
  release(): void {
    this.#isReleased = true;
    for (const reader of this.#readers) reader.close();
    this.#readers.clear();
  }

  protected receive(message: Message): void {
    this.#components.events.emit({ type: "message", chat: this, message });
    for (const reader of this.#readers) reader.enqueue(message);
  }

  /** Reads until the connection ends, and hands over each message. */
  protected async readAll(
    source: MessageSource,
    onMessage: (message: CallMessage) => void | Promise<void>,
  ): Promise<ReadEnd> {
    try {
      for (let count = 1;; count++) {
        const message = await source.next();
        if (message === undefined) return { by: "them" };
        // What has arrived already comes without a turn of the event loop: others need theirs, too.
        if (count % MESSAGES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
        await onMessage(message);
      }
    } catch (error) {
      return { by: "lost", fault: error instanceof ProtocolError ? error.message : undefined };
    }
  }

  /** @throws {ClientError} `send-failed`, `chat-closed` */
  #actions(): NonNullable<BaseChat["actions"]> {
    const { actions, name } = this;
    if (actions === undefined) throw new ClientError("send-failed", { reason: "no-actions", name });
    if (this.state === "closed") throw chatClosedError(this);
    return actions;
  }

  protected reportFault(fault: string | undefined): void {
    if (fault === undefined || !this.isOpen) return;
    const error = new ClientError("chat-failed", { name: this.name, reason: fault });
    this.#components.events.emit({ type: "error", error });
  }
}
