import { setImmediate } from "node:timers";
import {
  type ByeReason,
  byeReasons,
  type PeerMessage,
  ProtocolError,
} from "../../../protocol/mod.ts";
import { SendQueue } from "./send_queue.ts";
import { MESSAGES_PER_TURN } from "./chat.ts";
import type { EventBus } from "../event_bus.ts";
import type { CallMessage } from "../calls/pending_call.ts";
import type { Outbox } from "./outbox.ts";
import { ClientError, storageError } from "../errors.ts";
import type { SecureConnection } from "../peer/secure_connection.ts";
import type { Security } from "../security.ts";
import type { Incoming, Outgoing, Store } from "../store.ts";
import { ReceiveQueue } from "./receive_queue.ts";
import { type KeyStanding, preferNewer } from "../trust/mod.ts";
import { AckTimeout } from "./ack_timeout.ts";
import { within } from "../within.ts";
import type { Chat } from "../chat.ts";
import { incomingMessage } from "../message.ts";
import type { IdentityKeys } from "../identity_keys.ts";
import { clientLimits } from "../limits.ts";

/** So many messages may be on their way into the store before the next is read. */
const STORING = 64;

/** What a chat needs of those who have it. */
export interface SecureChatHost {
  readonly keys: IdentityKeys;
  readonly store: Store;
  readonly outbox: Outbox;
  /** The own name. */
  readonly name: string;
  readonly events: EventBus;
  /** Whether that key is in the table, as the server says now. */
  isOnline(identity: Uint8Array): boolean;
  /** A message is not acknowledged, and for a while the peer has said nothing at all. */
  silent(chat: SecureChat): void;
  /** A link that is not used any more is about to close in good order. */
  lingers(link: Promise<unknown>): void;
  /** The last link has ended; `again`: it broke, and on it the peer had answered. */
  ended(chat: SecureChat, again: boolean): void;
}

/** Where what the peer says comes from: the link, or what was held of it before. */
type Source = { next(): Promise<CallMessage | undefined> };

/** Where a chat's peer is, and what it is called. */
export type Whereabouts = Pick<Chat, "name" | "address" | "port">;

/**
 * A chat with whoever has a key. It goes on whatever becomes of connections: without one, texts wait in
 * the outbox; of two at a time, one stays.
 */
export class SecureChat implements Chat {
  name: string;
  address: string;
  port: number;
  by: "me" | "them";
  security: Security;
  readonly identity: Uint8Array;
  open = false;
  readonly #host: SecureChatHost;
  readonly #links = new Set<SecureConnection>();
  readonly #timers = new Map<SecureConnection, ReturnType<typeof setTimeout>>();
  readonly #backlog: SendQueue;
  readonly #unanswered: AckTimeout;
  /** The link by which is sent. */
  #main: SecureConnection | undefined;
  #typesHere = false;
  #typesThere = false;
  #heard = false;
  #bye = false;
  /** Whether the peer has closed it on purpose, and nobody has called or written anew. */
  #left = false;

  constructor(
    host: SecureChatHost,
    identity: Uint8Array,
    where: Whereabouts,
    by: Chat["by"],
    security: Security,
  ) {
    this.#host = host;
    this.identity = identity;
    this.name = where.name;
    this.address = where.address;
    this.port = where.port;
    this.by = by;
    this.security = security;
    this.#backlog = new SendQueue(host.outbox, this);
    this.#unanswered = new AckTimeout(
      () => host.outbox.hasFor(identity),
      () => host.silent(this),
    );
  }

  get waits(): boolean {
    if (this.security === "changed") return false;
    return !this.#left || !this.#host.isOnline(this.identity);
  }

  /** It takes texts again, for when the peer can be reached. */
  reopen(security: KeyStanding): void {
    this.#left = false;
    this.security = security;
  }

  /** The user has taken another key for this name: nothing goes to this one any more. */
  forsake(): void {
    this.security = "changed";
    this.lose();
  }

  get unsent(): number {
    return (this.#main?.unsent ?? 0) + this.#backlog.units;
  }

  /** The peer's static key: another one in each run of its program; undefined without a link. */
  get staticKey(): Uint8Array | undefined {
    return this.#main?.peer.staticKey;
  }

  /** Who has dialled, which may be another than who called; undefined without a link. */
  get dialledBy(): "me" | "them" | undefined {
    return this.#main?.by;
  }

  /** A link with this peer has come about: it takes the place of the one before, or goes itself. */
  attach(link: SecureConnection, source: Source = link): void {
    const { keys } = this.#host;
    const own = { identity: keys.identity, staticKey: keys.staticPublicKey };
    this.#left = false;
    this.#links.add(link);
    const older = this.#main;
    if (older === undefined || older.over) {
      this.#use(link);
    } else if (preferNewer(own, link.peer, older, link)) {
      this.#use(link);
      // Who was dialled knows that both sides have it; who has dialled lets the other side hear of it.
      if (link.by === "them") this.#host.lingers(older.finish());
      else this.#afterAMoment(older, () => this.#host.lingers(older.finish()));
    } else if (older.by === "them") {
      this.#host.lingers(link.finish());
    } else {
      // The peer, who was dialled, ends this one at once, unless it doesn't have the other any more.
      this.#afterAMoment(link, () => {
        this.#use(link);
        older.close();
      });
    }
    void this.#follow(link, source);
  }

  /** Sends a message that is in the outbox behind those before it. */
  send(message: Outgoing): void {
    this.#typesHere = false;
    this.#unanswered.asked();
    this.#backlog.add(message);
  }

  /** Tells the peer whether the user types. */
  types(typing: boolean): void {
    const link = this.#main;
    if (!this.open || link === undefined || typing === this.#typesHere || link.unsent > 0) return;
    this.#typesHere = typing;
    link.say({ type: "typing", typing }).catch(() => {}); // that it is lost is told by reading
  }

  /** Writes what waits, and says that this is the end; false where the connection broke before. */
  async finish(): Promise<boolean> {
    const link = this.#main;
    this.open = false;
    if (link === undefined) return true;
    for (const other of this.#links) if (other !== link) other.close();
    await within(this.#backlog.flushed(), clientLimits.lingerTimeoutMs);
    this.#backlog.drop();
    link.say({ type: "bye", reason: byeReasons.closed }).catch(() => {});
    return await link.finish();
  }

  /** Resolves once what was sent is written, or can't be. */
  async written(): Promise<void> {
    await this.#main?.written;
  }

  /** Ends it at once: nobody is at the other end any more. */
  lose(): void {
    const links = [...this.#links];
    this.#links.clear();
    for (const link of links) link.close();
    this.#closed();
  }

  #use(link: SecureConnection): void {
    this.#main = link;
    const waiting = this.#host.outbox.partsFor(this.identity);
    this.#unanswered.stop(); // whoever has just shaken hands is there
    if (waiting.length > 0) this.#unanswered.asked();
    this.#backlog.handTo(link, waiting);
  }

  /** Does something about a link that is there a moment later still. */
  #afterAMoment(link: SecureConnection, run: () => void): void {
    const timer = setTimeout(() => this.#links.has(link) && run(), clientLimits.lingerTimeoutMs);
    this.#timers.set(link, timer);
  }

  /** Takes what the peer says by one link until that ends. Never rejects. */
  async #follow(link: SecureConnection, source: Source): Promise<void> {
    const stored = new ReceiveQueue(this.#host.store, STORING, (error) => {
      const thing = { what: "incoming-message", name: this.name } as const;
      this.#host.events.emit({ type: "error", error: storageError(thing, error) });
    });
    let failure: string | undefined;
    let heard = 0;
    try {
      for (let said = await source.next(); said !== undefined; said = await source.next()) {
        this.#heard = true;
        this.#unanswered.heard();
        if (++heard % MESSAGES_PER_TURN === 0) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (!this.#links.has(link)) continue; // that is over, but for reading on to the end
        if (!("id" in said || said.type === "typing" || said.type === "bye")) continue;
        await this.#take(link, said, stored);
        // Who sends without reading the answers waits.
        if (link.unsent > clientLimits.bufferedBytes) await link.written;
      }
    } catch (error) {
      if (error instanceof ProtocolError) failure = error.message;
    }
    await stored.all;
    this.#ended(link, failure);
  }

  async #take(link: SecureConnection, said: PeerMessage, stored: ReceiveQueue): Promise<void> {
    switch (said.type) {
      case "text": {
        if (!this.open) return; // not acknowledged, it comes again
        const { name, address, port, identity } = this;
        const id = said.id.toHex();
        const { text, sentAt: at } = said;
        const message = { id, identity, name, address, port, text, at };
        return await stored.keep(message, (isNew) => {
          if (isNew) this.#said(message);
          link.say({ type: "received", id: said.id }).catch(() => {});
        });
      }
      case "received":
        return this.#host.outbox.delivered(said.id.toHex(), this);
      case "typing":
        return this.#theyType(said.typing);
      case "bye":
        await stored.all;
        return this.#leftBy(link, said.reason);
    }
  }

  /** The peer has closed the chat on purpose; what is to be written to it is, still. */
  #leftBy(link: SecureConnection, reason: ByeReason): void {
    if (link !== this.#main) return;
    if (reason !== byeReasons.closed && this.open) {
      const details = { name: this.name, ownName: this.#host.name, reason };
      this.#host.events.emit({ type: "error", error: new ClientError("call-rejected", details) });
    }
    this.#bye = true;
    this.#left = true;
    const links = [...this.#links];
    this.#links.clear();
    for (const each of links) this.#host.lingers(each.finish());
    this.#closed();
  }

  #said({ id, text, at }: Incoming): void {
    this.#typesThere = false;
    const message = incomingMessage(this, { id, text, at });
    this.#host.events.emit({ type: "message", chat: this, message });
  }

  #theyType(typing: boolean): void {
    if (!this.open || typing === this.#typesThere) return;
    this.#typesThere = typing;
    this.#host.events.emit({ type: "typing", chat: this, typing });
  }

  #ended(link: SecureConnection, failure: string | undefined): void {
    link.close();
    clearTimeout(this.#timers.get(link));
    this.#timers.delete(link);
    if (!this.#links.delete(link)) return;
    if (failure !== undefined && this.open) {
      const error = new ClientError("chat-failed", { name: this.name, reason: failure });
      this.#host.events.emit({ type: "error", error });
    }
    if (link !== this.#main) return;
    const [other] = this.#links;
    if (other === undefined) this.#closed();
    else this.#use(other);
  }

  #closed(): void {
    this.#main = undefined;
    this.#unanswered.stop();
    this.#backlog.drop();
    const { open } = this;
    const by = this.#bye ? "them" : "lost";
    const again = by === "lost" && this.#heard;
    this.open =
      this.#heard =
      this.#bye =
      this.#typesHere =
      this.#typesThere =
        false;
    if (open) this.#host.events.emit({ type: "chat-closed", chat: this, by });
    this.#host.ended(this, again);
  }
}
