import type { ChatMessage, PeerMessage } from "../../../protocol/mod.ts";
import type { ClassicConnection } from "../peer/classic_connection.ts";
import type { SecureConnection } from "../peer/secure_connection.ts";
import type { Caller } from "../caller.ts";
import { clientLimits } from "../limits.ts";

/** What a held message costs beside its text: empty lines are not free. */
const OVERHEAD = 64;

/** A connection with somebody who calls, of either kind. */
export type CallConnection = ClassicConnection | SecureConnection;

/** What somebody who calls says. */
export type CallMessage = ChatMessage | PeerMessage;

/**
 * A call that is not a chat yet: what is said meanwhile is held, up to a limit, then not read. It
 * outlives the connection where something was said: `next` has that, and then the end.
 */
export class PendingCall implements Caller {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly identity: Uint8Array | undefined;
  readonly why: string | undefined;
  readonly link: CallConnection;
  /** Whether the user was asked; where too many from its address were silent it is not yet. */
  asked: boolean;
  /** Whether the user was told that the caller has hung up. */
  told = false;
  readonly #said: CallMessage[] = [];
  readonly #timer: ReturnType<typeof setTimeout>;
  /** What is being read, or the end; whoever takes the call gets it. */
  #reading: Promise<CallMessage | undefined> | undefined;
  #held = 0;
  #taken = false;
  #ended = false;

  /**
   * @param heard is told of the first line
   * @param ended is told where the caller hangs up, or nobody has answered in time
   * @param before an earlier call of the same caller, given up for this one, which takes over what
   * was said there
   */
  constructor(
    caller: Caller,
    link: CallConnection,
    asked: boolean,
    heard: () => void,
    ended: (why: "left" | "late") => void,
    before?: PendingCall,
  ) {
    this.asked = asked;
    this.name = caller.name;
    this.address = caller.address;
    this.port = caller.port;
    this.identity = caller.identity;
    this.why = caller.why;
    this.link = link;
    if (before !== undefined) {
      this.told = before.told;
      this.#said.push(...before.#said);
      this.#held = before.#held;
    }
    this.#timer = setTimeout(ended, clientLimits.pendingCallTimeoutMs, "late");
    void this.#readAhead(heard, ended);
  }

  /** How many lines are held. */
  get lines(): number {
    return this.#said.length;
  }

  /** Whether nothing more is read before the answer. */
  get full(): boolean {
    return this.#held >= clientLimits.pendingCallBytes;
  }

  /** Whether the caller has hung up. */
  get ended(): boolean {
    return this.#ended;
  }

  /** It is answered: from here on `next` has what the caller says. */
  take(): void {
    this.#taken = true;
    clearTimeout(this.#timer);
  }

  /** Hangs up. */
  close(): void {
    this.take();
    this.link.refuse();
  }

  /** The next thing that the caller says, what was held first; as {@linkcode PeerConnection.next}. */
  next(): Promise<CallMessage | undefined> {
    const said = this.#said.shift();
    if (said !== undefined) return Promise.resolve(said);
    const reading = this.#reading ?? this.link.next();
    this.#reading = undefined;
    return reading;
  }

  async #readAhead(heard: () => void, ended: (why: "left") => void): Promise<void> {
    while (!this.full) {
      this.#reading = this.link.next();
      const said = await this.#reading.catch(() => undefined); // whoever takes the call is told why
      if (this.#taken) return;
      if (said === undefined || said.type === "bye") {
        this.#ended = true;
        this.link.close();
        return ended("left");
      }
      this.#reading = undefined;
      if (said.type !== "text") continue; // whether it types is of no interest later
      this.#said.push(said);
      this.#held += OVERHEAD + said.text.length;
      if (this.#said.length === 1) heard();
      if (this.#taken) return;
    }
  }
}
