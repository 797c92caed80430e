import type { CallScreener } from "../calls/call_screener.ts";
import type { Outbox } from "./outbox.ts";
import { lastPlace, type Pins } from "../trust/mod.ts";
import { Reconnector } from "../session/reconnector.ts";
import type { SecureChat } from "./secure_chat.ts";
import type { Callee } from "../peer/secure_dialer.ts";
import type { Signaling } from "../signaling.ts";
import type { OnlineUser } from "../online_user.ts";

/** So many are dialled at once to hand over what waits for them. */
const MAX_DIALS = 8;

/** What handing over needs of the chats. */
export interface OutboxSenderHost {
  readonly outbox: Outbox;
  readonly gate: CallScreener;
  readonly server: Signaling;
  readonly pins: Pins;
  /** Whether a chat with that key is open: what waits goes out there. */
  isOpen(identity: Uint8Array): boolean;
  /** Where that key is online. */
  rowsOf(identity: Uint8Array): OnlineUser[];
  /** How a user of the table is to be dialled; undefined where not with the key that was met. */
  callee(user: OnlineUser): Callee | undefined;
  call(callee: Callee): Promise<SecureChat>;
}

/** Dials by itself those for whom something waits, as soon as they can be reached. */
export class OutboxSender {
  readonly #host: OutboxSenderHost;
  /** Who took a call and said nothing is not dialled again before showing up anew. */
  readonly #silent = new Set<string>();
  /** Whom something is being handed over to. */
  readonly #delivering = new Set<string>();
  readonly #retries = new Reconnector(() => this.#deliverAll());
  #retrying = false;

  constructor(host: OutboxSenderHost) {
    this.#host = host;
  }

  /** That key has come online. */
  cameOnline(identity: Uint8Array): void {
    this.reached(identity);
    void this.#deliver(identity);
  }

  /** The user has written to that key, and no chat with it is open. */
  wrote(identity: Uint8Array): void {
    this.reached(identity);
    void this.#deliver(identity, true);
  }

  /** A chat with that key has come about. */
  reached(identity: Uint8Array): void {
    this.#silent.delete(identity.toHex());
  }

  /** A chat's last link has ended; `again` says whether its peer may be dialled at once. */
  ended({ identity }: SecureChat, again: boolean): void {
    const { outbox } = this.#host;
    outbox.recipientLost(identity);
    if (!outbox.hasFor(identity)) return;
    if (again) this.#retryLater();
    else this.#silent.add(identity.toHex());
  }

  /** Dials nobody any more. */
  stop(): void {
    this.#retries.stop();
    this.#retrying = false;
  }

  /**
   * Hands over what waits for a key, where its owner is online; the call under way does that, too.
   *
   * @param fromMemory whether it may be dialled where it was last, when no server says where it is
   * @returns false where that could not be done now, but may be later
   */
  async #deliver(identity: Uint8Array, fromMemory = false): Promise<boolean> {
    const { outbox, gate, server } = this.#host;
    const key = identity.toHex();
    if (!outbox.hasFor(identity) || this.#host.isOpen(identity) || this.#silent.has(key)) {
      return true;
    }
    if (this.#delivering.has(key)) return true;
    const rows = this.#host.rowsOf(identity);
    const callees = rows.flatMap((user) =>
      gate.isIgnored(user) ? [] : this.#host.callee(user) ?? []
    );
    if (rows.length === 0 && fromMemory && !server.isOnline) callees.push(...this.#remembered(key));
    if (callees.length === 0) return true;
    if (this.#delivering.size >= MAX_DIALS) {
      this.#retryLater();
      return false;
    }
    this.#delivering.add(key);
    try {
      for (const callee of callees) {
        const chat = await this.#host.call(callee).catch(() => undefined);
        if (chat !== undefined) return true;
      }
    } finally {
      this.#delivering.delete(key);
    }
    if (rows.length > 0) this.#retryLater();
    return false;
  }

  async #deliverAll(): Promise<void> {
    const { recipients } = this.#host.outbox;
    const done = await Promise.all(recipients.map((identity) => this.#deliver(identity)));
    if (done.includes(false)) throw new Error("somebody was not reached");
    this.#retrying = false;
  }

  /** Tries again by itself, ever more rarely, as long as somebody for whom something waits is online. */
  #retryLater(): void {
    if (this.#retrying) return;
    this.#retrying = true;
    this.#retries.start();
  }

  #remembered(key: string): Callee[] {
    return this.#host.pins.all.flatMap(({ name, identity, address, verified }) => {
      const at = lastPlace(address);
      if (at === undefined || identity.toHex() !== key) return [];
      const where = { name, address: at.hostname, port: at.port };
      return [{ ...where, identity, security: verified ? "verified" as const : "pinned" as const }];
    });
  }
}
