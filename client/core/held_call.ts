import { type ChatMessage, limits } from "../../protocol/mod.ts";
import type { PeerLink } from "./peer_link.ts";

/** What a held message costs beside its text: empty lines are not free. */
const OVERHEAD = 64;

/** Somebody who calls and waits for an answer. */
export interface Caller {
  /** The caller's name, as it was told: not yet safe to print, and not proven. */
  readonly name: string;
  /** The caller's IP address. */
  readonly address: string;
  /** The port at which the caller can be called, or from which it called where that isn't known. */
  readonly port: number;
}

/**
 * A call that is not a chat yet: what is said meanwhile is held, up to a limit, then not read. It
 * outlives the connection where something was said: `next` has that, and then the end.
 */
export class HeldCall implements Caller {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly link: PeerLink;
  /** Whether the user was asked; where too many from its address were silent it is not yet. */
  asked: boolean;
  /** Whether the user was told that the caller has hung up. */
  told = false;
  readonly #said: ChatMessage[] = [];
  readonly #timer: ReturnType<typeof setTimeout>;
  /** What is being read, or the end; whoever takes the call gets it. */
  #reading: Promise<ChatMessage | undefined> | undefined;
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
    link: PeerLink,
    asked: boolean,
    heard: () => void,
    ended: (why: "left" | "late") => void,
    before?: HeldCall,
  ) {
    this.asked = asked;
    this.name = caller.name;
    this.address = caller.address;
    this.port = caller.port;
    this.link = link;
    if (before !== undefined) {
      this.told = before.told;
      this.#said.push(...before.#said);
      this.#held = before.#held;
    }
    this.#timer = setTimeout(ended, limits.heldCallTime, "late");
    void this.#readAhead(heard, ended);
  }

  /** How many lines are held. */
  get lines(): number {
    return this.#said.length;
  }

  /** Whether nothing more is read before the answer. */
  get full(): boolean {
    return this.#held >= limits.heldText;
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
    this.link.close();
  }

  /** The next thing that the caller says, what was held first; as {@linkcode PeerLink.next}. */
  next(): Promise<ChatMessage | undefined> {
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
      if (said === undefined) {
        this.#ended = true;
        this.link.close();
        return ended("left");
      }
      this.#reading = undefined;
      this.#said.push(said);
      this.#held += OVERHEAD + ("text" in said ? said.text.length : 0);
      if (this.#said.length === 1) heard();
      if (this.#taken) return;
    }
  }
}
