import { type ChatMessage, sliceGraphemes } from "../../../protocol/mod.ts";
import type { PublicKey } from "../public_key.ts";
import type { CallDoubt, Caller } from "../caller.ts";
import type { Chat } from "../chat.ts";
import type { Security } from "../security.ts";
import { clientLimits } from "../limits.ts";
import type { ClassicConnection, SecureConnection, SecureMessage } from "../peer/mod.ts";

/** The cost of a waiting message beside its text: empty lines are not free. */
const MESSAGE_OVERHEAD = 64;
/** How much of the caller's messages the user can read before an answer, in UTF-16 units and lines. */
const MAX_PREVIEW_LENGTH = 400;
const MAX_PREVIEW_LINES = 5;

export type CallConnection = ClassicConnection | SecureConnection;

export type CallMessage = ChatMessage | SecureMessage;

/** The caller, as far as the screener has to know. */
export type CallerInfo = Pick<
  Caller,
  "name" | "address" | "port" | "identity" | "security" | "doubt"
>;

/** The screener's part in a call that waits. */
export interface PendingCallHandlers {
  onMessage(call: PendingCall): void;
  /** The caller has hung up, or nobody has answered in time. */
  onEnd(call: PendingCall, reason: "hung-up" | "timeout"): void;
  onAccept(call: PendingCall): Promise<Chat>;
  onReject(call: PendingCall): void;
}

/**
 * A call that is no chat yet. What the caller says meanwhile waits, up to a limit; more is not read. The
 * call outlives its connection if something was said: `next` has that, and then the end.
 */
export class PendingCall implements Caller {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly identity: PublicKey | undefined;
  readonly security: Security;
  readonly doubt: CallDoubt | undefined;
  readonly connection: CallConnection;
  /** Whether an event has reported it; not yet if too many from that address were silent. */
  isAnnounced: boolean;
  /** Whether an event has reported that the caller has hung up. */
  isEndAnnounced = false;
  ended = false;
  readonly expiresAt = new Date(Date.now() + clientLimits.pendingCallTimeoutMs);
  readonly #handlers: PendingCallHandlers;
  readonly #messages: CallMessage[] = [];
  readonly #timer: ReturnType<typeof setTimeout>;
  /** The read under way, or the end, for the chat that takes the call over. */
  #reading: Promise<CallMessage | undefined> | undefined;
  #size = 0;
  #isTaken = false;

  /** @param before an earlier call of the same caller, whose messages this one takes over */
  constructor(
    { name, address, port, identity, security, doubt }: CallerInfo,
    connection: CallConnection,
    isAnnounced: boolean,
    handlers: PendingCallHandlers,
    before?: PendingCall,
  ) {
    this.name = name;
    this.address = address;
    this.port = port;
    this.identity = identity;
    this.security = security;
    this.doubt = doubt;
    this.connection = connection;
    this.isAnnounced = isAnnounced;
    this.#handlers = handlers;
    if (before !== undefined) {
      this.isEndAnnounced = before.isEndAnnounced;
      this.#messages.push(...before.#messages);
      this.#size = before.#size;
    }
    const end = () => handlers.onEnd(this, "timeout");
    this.#timer = setTimeout(end, clientLimits.pendingCallTimeoutMs);
    void this.#readAhead();
  }

  get waiting(): number {
    return this.#messages.length;
  }

  get preview(): readonly string[] {
    const lines: string[] = [];
    let left = MAX_PREVIEW_LENGTH;
    for (const message of this.#messages) {
      if (message.type !== "text") continue;
      const line = sliceGraphemes(message.text, left);
      if (left <= 0 || lines.length === MAX_PREVIEW_LINES) break;
      lines.push(line);
      left -= line.length;
    }
    return lines;
  }

  /** Whether nothing more is read before the answer. */
  get isFull(): boolean {
    return this.#size >= clientLimits.pendingCallBytes;
  }

  accept(): Promise<Chat> {
    return this.#handlers.onAccept(this);
  }

  reject(): void {
    this.#handlers.onReject(this);
  }

  /** The call is answered: from here on `next` gives the caller's messages. */
  take(): void {
    this.#isTaken = true;
    clearTimeout(this.#timer);
  }

  close(): void {
    this.take();
    this.connection.refuse();
  }

  /** The next message of the caller, those that wait first; then as that of the connection. */
  next(): Promise<CallMessage | undefined> {
    const message = this.#messages.shift();
    if (message !== undefined) return Promise.resolve(message);
    const reading = this.#reading ?? this.connection.next();
    this.#reading = undefined;
    return reading;
  }

  async #readAhead(): Promise<void> {
    while (!this.isFull) {
      this.#reading = this.connection.next();
      const message = await this.#reading.catch(() => undefined); // whoever takes the call sees why
      if (this.#isTaken) return;
      if (message === undefined || message.type === "bye") {
        this.ended = true;
        this.connection.close();
        return this.#handlers.onEnd(this, "hung-up");
      }
      this.#reading = undefined;
      // Whether it types is of no interest later.
      const size = costOf(message);
      if (size === undefined) continue;
      this.#messages.push(message);
      this.#size += MESSAGE_OVERHEAD + size;
      if (this.#messages.length === 1) this.#handlers.onMessage(this);
      if (this.#isTaken) return;
    }
  }
}

/** How much room a message takes while its call waits; undefined for one that does not wait with it. */
function costOf(message: CallMessage): number | undefined {
  switch (message.type) {
    case "text":
      return message.text.length;
    case "action":
      return message.body.length;
    case "file-offer":
      return message.offer.length;
    default:
      return undefined;
  }
}
