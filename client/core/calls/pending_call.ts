import { equals } from "@std/bytes/equals";
import { type ChatMessage, limits, sliceGraphemes } from "../../../protocol/mod.ts";
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
/** How often a caller hears that its call waits: more often than a silence casts doubt on the connection. */
const WAITING_NOTICE_INTERVAL_MS = limits.unreachableTimeoutMs / 2;

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
 * A call that is no chat yet. The caller's messages wait, up to a limit; more are not read. The call
 * outlives its connection if there are any: `next` gives them, and then the end. A caller who calls again
 * goes on with the same call, in the same time.
 */
export class PendingCall implements Caller {
  name: string;
  address: string;
  port: number;
  identity: PublicKey | undefined;
  security: Security;
  doubt: CallDoubt | undefined;
  connection: CallConnection;
  /** Whether an event has reported it; not yet if too many from that address were silent. */
  isAnnounced: boolean;
  /** Whether an event has reported that the caller has hung up. */
  isEndAnnounced = false;
  ended = false;
  readonly expiresAt = new Date(Date.now() + clientLimits.pendingCallTimeoutMs);
  readonly #handlers: PendingCallHandlers;
  readonly #messages: CallMessage[] = [];
  /** The ids of the messages: one that is not acknowledged comes again. */
  readonly #ids = new Set<string>();
  readonly #timer: ReturnType<typeof setTimeout>;
  #notices: ReturnType<typeof setTimeout> | undefined;
  /** The read under way, or the end, for the chat that takes the call over. */
  #reading: Promise<CallMessage | undefined> | undefined;
  #size = 0;
  #isTaken = false;

  constructor(
    caller: CallerInfo,
    connection: CallConnection,
    isAnnounced: boolean,
    handlers: PendingCallHandlers,
  ) {
    ({
      name: this.name,
      address: this.address,
      port: this.port,
      identity: this.identity,
      security: this.security,
      doubt: this.doubt,
    } = caller);
    this.connection = connection;
    this.isAnnounced = isAnnounced;
    this.#handlers = handlers;
    const end = () => handlers.onEnd(this, "timeout");
    this.#timer = setTimeout(end, clientLimits.pendingCallTimeoutMs);
    this.#noticeLater();
    void this.#readAhead(connection);
  }

  /** The same caller has called again: the connection before is over, and its messages go on waiting. */
  goOn(caller: CallerInfo, connection: CallConnection): void {
    const before = this.connection;
    const { name, address, port, identity, security, doubt } = caller;
    Object.assign(this, { name, address, port, identity, security, doubt, connection });
    this.ended = false;
    this.#reading = undefined;
    // The program that has called again has lost it; another program of that user is to know that it is over.
    if (isSameProgram(before, connection)) before.close();
    else before.refuse();
    void this.#readAhead(connection);
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
    clearTimeout(this.#notices);
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

  /** A caller that hears nothing would take the connection for dead, and call again. */
  #noticeLater(): void {
    this.#notices = setTimeout(() => {
      this.#noticeLater();
      const { connection } = this;
      if (connection.isOver || connection.bufferedAmount > 0 || !("say" in connection)) return;
      connection.say({ type: "typing", typing: false }).catch(() => {}); // the reader sees the loss
    }, WAITING_NOTICE_INTERVAL_MS);
  }

  async #readAhead(connection: CallConnection): Promise<void> {
    const isOver = () => this.#isTaken || this.connection !== connection;
    while (!this.isFull) {
      const reading = this.#reading = connection.next();
      const message = await reading.catch(() => undefined); // the chat that takes the call sees why
      if (isOver()) return;
      if (message === undefined || message.type === "bye") {
        this.ended = true;
        connection.close();
        return this.#handlers.onEnd(this, "hung-up");
      }
      this.#reading = undefined;
      // Whether it types is of no interest later.
      const size = costOf(message);
      if (size === undefined || this.#isKnown(message)) continue;
      this.#messages.push(message);
      this.#size += MESSAGE_OVERHEAD + size;
      if (this.#messages.length === 1) this.#handlers.onMessage(this);
      if (isOver()) return;
    }
  }

  #isKnown(message: CallMessage): boolean {
    if (!("id" in message)) return false;
    const id = message.id.toHex();
    if (this.#ids.has(id)) return true;
    this.#ids.add(id);
    return false;
  }
}

function isSameProgram(one: CallConnection, other: CallConnection): boolean {
  return "peer" in one && "peer" in other && equals(one.peer.staticKey, other.peer.staticKey);
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
