import type { EventBus } from "../event_bus.ts";
import { Reconnector } from "../session/mod.ts";
import { keyInTable, lastAddress } from "../trust/mod.ts";
import type { SecureComponents } from "./chat_components.ts";
import { type OutgoingCalls, SendOnlyError } from "./outgoing_calls.ts";
import { calleeOf, type TrustedCallee, usersWithKey } from "./peer_keys.ts";
import { SecureChat } from "./secure_chat.ts";

/** How many peers are dialed at once to hand over what waits for them. */
const MAX_DIALS = 8;

/** Dials the peers for which something waits, as soon as they can be reached. */
export class OutboxSender {
  readonly #components: SecureComponents;
  readonly #calls: OutgoingCalls;
  /** Peers that took a call and sent nothing: they are not dialed again before they show up anew. */
  readonly #silent = new Set<string>();
  readonly #dialing = new Set<string>();
  /** Those who showed up anew while they were being dialed. */
  readonly #missed = new Set<string>();
  readonly #retries = new Reconnector(() => this.#deliverAll());
  #isRetrying = false;

  constructor(components: SecureComponents, calls: OutgoingCalls) {
    this.#components = components;
    this.#calls = calls;
    this.#listen(components.events);
  }

  /** Makes no further attempts until something else happens. */
  stop(): void {
    this.#retries.stop();
    this.#isRetrying = false;
  }

  #listen(events: EventBus): void {
    events.on("user-reachable", ({ user }) => {
      const identity = keyInTable(user);
      if (identity === undefined || user.own) return;
      this.#deliverAnew(identity);
    });
    events.on("delivery-requested", ({ identity }) => {
      this.#deliverAnew(identity, true);
    });
    events.on("chat-opened", ({ chat: { identity } }) => {
      if (identity !== undefined) this.#silent.delete(identity.toHex());
    });
    events.on("connection-ended", ({ identity, canRedial }) => {
      const { outbox } = this.#components;
      const open = this.#openChat(identity);
      if (open !== undefined) return open.sendWaiting();
      outbox.recipientLost(identity);
      if (!outbox.needsConnection(identity)) return;
      if (canRedial) this.#retryLater();
      else this.#silent.add(identity.toHex());
    });
  }

  #deliverAnew(identity: Uint8Array, fromMemory = false): void {
    this.#silent.delete(identity.toHex());
    void this.#deliver(identity, fromMemory);
  }

  /**
   * Calls a peer for which something waits, if it is online. A chat that opens delivers what waits.
   *
   * @param fromMemory whether it may be dialed at its last address if no server says where it is
   * @returns false if that failed now, but may succeed later
   */
  async #deliver(identity: Uint8Array, fromMemory = false): Promise<boolean> {
    const { outbox, screener, signaling, pins, shutdown } = this.#components;
    const stopped = shutdown.signal;
    const key = identity.toHex();
    const isDone = () => {
      if (stopped.aborted || !outbox.needsConnection(identity)) return true;
      const open = this.#openChat(identity);
      open?.sendWaiting();
      return open !== undefined || this.#silent.has(key);
    };
    if (isDone()) return true;
    try {
      await pins.refresh();
    } catch {
      this.#retryLater();
      return false;
    }
    if (isDone()) return true;
    if (this.#dialing.has(key)) {
      this.#missed.add(key);
      return true;
    }
    const users = usersWithKey(signaling, identity);
    const callees = users.flatMap((user) =>
      screener.isIgnored({ ...user, identity }) ? [] : calleeOf(user, pins) ?? []
    );
    if (users.length === 0 && fromMemory && !signaling.isOnline) callees.push(...this.#known(key));
    if (callees.length === 0) return true;
    if (this.#dialing.size >= MAX_DIALS) {
      this.#retryLater();
      return false;
    }
    this.#dialing.add(key);
    let areSendOnly = true;
    try {
      for (const callee of callees) {
        const chat = await this.#calls.call(callee).catch((error) => {
          areSendOnly &&= error instanceof SendOnlyError;
        });
        if (chat !== undefined) return true;
      }
    } finally {
      this.#dialing.delete(key);
    }
    if (this.#missed.delete(key)) return await this.#deliver(identity);
    if (areSendOnly) {
      this.#silent.add(key);
      return true;
    }
    if (users.length > 0) this.#retryLater();
    return false;
  }

  /** An open chat with that key that takes texts. */
  #openChat(identity: Uint8Array): SecureChat | undefined {
    return this.#components.registry.ofType(SecureChat).find((chat) =>
      chat.takesTexts && chat.identity.equals(identity)
    );
  }

  async #deliverAll(): Promise<void> {
    const { recipients } = this.#components.outbox;
    const results = await Promise.all(recipients.map((identity) => this.#deliver(identity)));
    if (results.includes(false)) throw new Error("not every recipient was reached");
    this.#isRetrying = false;
  }

  /** Tries again, less and less often, while a peer for which something waits is online. */
  #retryLater(): void {
    if (this.#isRetrying || this.#components.shutdown.signal.aborted) return;
    this.#isRetrying = true;
    this.#retries.start();
  }

  /** The last address of a peer that was met before. */
  #known(key: string): TrustedCallee[] {
    return this.#components.pins.all.flatMap(({ name, identity, address, verified }) => {
      const at = lastAddress(address);
      if (at === undefined || identity.toHex() !== key) return [];
      const where = { name, address: at.hostname, port: at.port, isStranger: false };
      return [{ ...where, identity, security: verified ? "verified" as const : "pinned" as const }];
    });
  }
}
