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

/** A call that is not a chat yet: what is said meanwhile is held, up to a limit, then not read. */
export class HeldCall implements Caller {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly link: PeerLink;
  readonly #said: ChatMessage[] = [];
  readonly #timer: ReturnType<typeof setTimeout>;
  /** What is being read; whoever takes the call gets it. */
  #reading: Promise<ChatMessage | undefined> | undefined;
  #held = 0;
  #taken = false;

  /** @param ended is told where the caller hangs up, or nobody has answered in time */
  constructor(caller: Caller, link: PeerLink, ended: (why: "left" | "late") => void) {
    this.name = caller.name;
    this.address = caller.address;
    this.port = caller.port;
    this.link = link;
    this.#timer = setTimeout(ended, limits.heldCallTime, "late");
    void this.#readAhead(ended);
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

  async #readAhead(ended: (why: "left") => void): Promise<void> {
    try {
      while (this.#held < limits.heldText) {
        this.#reading = this.link.next();
        const said = await this.#reading;
        if (this.#taken) return;
        this.#reading = undefined;
        if (said === undefined) return ended("left");
        this.#said.push(said);
        this.#held += OVERHEAD + ("text" in said ? said.text.length : 0);
      }
    } catch {
      if (!this.#taken) ended("left");
    }
  }
}
