import { deadline } from "@std/async/deadline";
import { PublicKey } from "../public_key.ts";
import { chatClosedError } from "./chat_errors.ts";
import {
  type ByeReason,
  byeReasons,
  type Capability,
  plainAddress,
} from "../../../protocol/mod.ts";
import type { CallMessage } from "../calls/mod.ts";
import type { Chat, Message, SendOptions } from "../chat.ts";
import { ClientError, storageError } from "../errors.ts";
import { clientLimits } from "../limits.ts";
import type { SecureConnection } from "../peer/mod.ts";
import type { Outgoing } from "../store.ts";
import type { FileInput, SendFileOptions, Transfer } from "../transfer.ts";
import type { OnlineUser } from "../online_user.ts";
import type { Security } from "../security.ts";
import { plainOwnAddress } from "../session/mod.ts";
import type { KeyStanding } from "../trust/mod.ts";
import { BaseChat, type MessageSource, type PeerAddress } from "./base_chat.ts";
import { ChatActions } from "./chat_actions.ts";
import type { SecureComponents } from "./chat_components.ts";
import { LinkDoubt } from "./link_doubt.ts";
import { rememberPeer } from "./peer_keys.ts";
import { PeerConnections } from "./peer_connections.ts";
import { PeerSessions } from "./peer_sessions.ts";
import { OutboxOffers } from "./offer_queue.ts";
import { takeOffer } from "./take_offer.ts";
import { ReceiveQueue } from "./receive_queue.ts";
import { SendQueue } from "./send_queue.ts";
import { showRotations } from "./show_rotations.ts";
import { TextQueueing } from "./text_queueing.ts";
import { TypingSender } from "./typing_sender.ts";

/** A chat with a key. Without a connection, texts wait in the outbox; of two at a time, one stays. */
export class SecureChat extends BaseChat {
  security: Security;
  knownAs: string | undefined;
  /** Whether the user has called, accepted or answered this peer. */
  isWanted = false;
  identity: PublicKey;
  readonly #components: SecureComponents;
  readonly #connections: PeerConnections;
  readonly #queue: SendQueue;
  protected override readonly actions: ChatActions;
  readonly #doubt: LinkDoubt;
  readonly #texts: TextQueueing;
  readonly #sessions: PeerSessions;
  readonly #typing = new TypingSender(() => this.isOpen ? this.#main : undefined);
  #peerIsTyping = false;
  /** When the connection in use was made, in milliseconds since 1970. */
  #since = Date.now();
  /** Whether the peer has sent anything since the chat was opened. */
  #hasAnswered = false;
  /** The connections over which the peer has said that its user has compared safety numbers. */
  readonly #saidVerified = new WeakSet<SecureConnection>();

  constructor(
    components: SecureComponents,
    identity: Uint8Array,
    peer: PeerAddress,
    direction: Chat["direction"],
    security: Security,
  ) {
    super(components, peer, direction);
    this.#components = components;
    this.identity = new PublicKey(identity);
    this.security = security;
    this.#sessions = new PeerSessions(components.signaling, this);
    this.#doubt = new LinkDoubt(components, this, this.#sessions);
    this.#texts = new TextQueueing(components.outbox, this);
    const { keys, registry } = components;
    this.#connections = new PeerConnections({
      keys,
      isDoubted: () => this.#doubt.isDoubted,
      onUse: (connection) => this.#used(connection),
      onReplaced: (connection) => registry.linger(connection.finish()),
    });
    this.#queue = new SendQueue(components.outbox, this);
    this.actions = new ChatActions(components, this, (parts) => this.#handOver(parts));
  }

  get state(): Chat["state"] {
    if (this.isOpen) return "open";
    if (this.security === "changed" || !this.#components.registry.has(this)) return "closed";
    return this.#sessions.isClosed ? "closed" : "queued";
  }

  get bufferedAmount(): number {
    return (this.#main?.bufferedAmount ?? 0) + this.#queue.bufferedAmount + this.#texts.unqueued;
  }

  /** The peer's static key: another one in each run of its program; undefined without a connection. */
  get staticKey(): Uint8Array | undefined {
    return this.#main?.peer.staticKey;
  }

  get connectionDirection(): Chat["direction"] | undefined {
    return this.#main?.direction;
  }

  /** Whether a text would be handed to the peer now. */
  get takesTexts(): boolean {
    return this.isOpen && this.#main?.isSendOnly === false;
  }

  /** It takes texts again, for when the peer can be reached. */
  reopen(security: KeyStanding): void {
    this.#sessions.reopened();
    this.security = security;
  }

  /** The user trusts another key of this name: nothing goes to this one any more. */
  distrust(): void {
    this.security = "changed";
    this.lose();
  }

  /** The peer has a new key, which this one has signed: the chat goes on with that. */
  followKey(identity: Uint8Array): void {
    if (this.isOpen) this.lose();
    this.identity = new PublicKey(identity);
    this.security = "pinned";
  }

  /** Takes a new connection with this peer over: it replaces the one before, or is closed itself. */
  attach(connection: SecureConnection, source: MessageSource = connection): void {
    this.#sessions.reopened();
    this.#connections.add(connection);
    void this.#follow(connection, source);
  }

  setTyping(isTyping: boolean): void {
    this.#typing.set(isTyping);
  }

  override dropConnectionsFrom(gone: ReadonlySet<string>): void {
    for (const connection of this.#connections) {
      if (gone.has(plainOwnAddress(connection.local.hostname))) connection.close();
    }
  }

  /** The table says where the peer is: a connection with another session than the present one may be dead. */
  checkSession(user: OnlineUser): void {
    const connection = this.#main;
    this.#sessions.changed();
    if (!this.isOpen || connection === undefined || !this.#sessions.haveChanged()) return;
    const places = [user.address, ...user.details?.addresses ?? []].map(plainAddress);
    const hasMoved = !places.includes(plainAddress(connection.remote.hostname));
    this.#doubt.suspect();
    // A server that has restarted gives everyone another session: then only who writes dials.
    if (hasMoved || this.#components.outbox.hasFor(this.identity)) this.#doubt.raise();
  }

  /** Ends it at once: nobody is at the other end any more. */
  lose(): void {
    for (const connection of this.#connections.removeAll()) connection.close();
    this.#ended("lost");
  }

  /** Hands over what waits for this peer and is on its way in no other chat. */
  sendWaiting(): void {
    const { outbox } = this.#components;
    for (const part of outbox.partsFor(this.identity)) {
      const chat = outbox.chatOf(part.id);
      const isElsewhere = chat instanceof SecureChat && chat !== this && chat.takesTexts;
      if (!isElsewhere) this.#queue.add(part);
    }
  }

  can(capability: Capability): boolean | undefined {
    if (this.isOpen && this.#main !== undefined) return this.#main.can(capability);
    return this.#components.outbox.capabilities.can(this.identity, capability);
  }

  markSeen(): void {
    this.actions.markSeen(this.isOpen ? this.#main : undefined);
  }

  /** The connection over which is sent; undefined if there is none. */
  get connection(): SecureConnection | undefined {
    return this.isOpen && this.#main?.isOver === false ? this.#main : undefined;
  }

  protected override async offerFiles(
    input: FileInput,
    options: SendFileOptions,
  ): Promise<Transfer> {
    if (this.state === "closed") throw chatClosedError(this);
    const { files, outbox, signaling } = this.#components;
    const { name, identity } = this;
    this.isWanted = true;
    const onQueued = (parts: readonly Outgoing[]) => this.#handOver(parts);
    const queue = new OutboxOffers(outbox, signaling.id ?? "", this, onQueued);
    return await files.offer({ name, identity }, input, options, queue);
  }

  protected override async sendText(text: string, options: SendOptions): Promise<Message> {
    const isTooLate = options.onlyWhileOpen === true && !this.takesTexts;
    if (this.state === "closed" || isTooLate) throw chatClosedError(this);
    const { name, identity } = this;
    this.isWanted = true;
    const recipient = { name, server: this.#components.signaling.id ?? "", identity };
    return await this.#texts.add(recipient, text, options, (parts) => {
      this.#typing.reset();
      this.#handOver(parts);
    });
  }

  /** Hands what was added to the outbox to the connection, if there is one. */
  #handOver(parts: readonly Outgoing[]): void {
    const { outbox, events, registry } = this.#components;
    const { identity } = this;
    if (!registry.has(this)) return outbox.recipientLost(identity); // closed before it was stored
    if (this.isOpen && this.security === "new") {
      const name = this.knownAs ?? this.name; // a new name is known by the user's word alone
      void rememberPeer(this.#components, { name, identity }); // no stranger any more
    }
    if (this.takesTexts) {
      this.#doubt.expectAck();
      for (const part of parts) this.#queue.add(part);
      if (this.#doubt.isDoubted) this.#doubt.raise();
    } else {
      this.#lostRecipient();
      events.emit({ type: "delivery-requested", identity });
    }
  }

  protected override async finish(): Promise<boolean> {
    const connection = this.#main;
    if (connection === undefined) return true;
    for (const other of this.#connections) if (other !== connection) other.close();
    await deadline(this.#queue.flushed(), clientLimits.lingerTimeoutMs).catch(() => {});
    this.#queue.drop();
    const { shutdown } = this.#components;
    const reason = shutdown.signal.aborted ? byeReasons.leaving : byeReasons.closed;
    connection.say({ type: "bye", reason }).catch(() => {});
    return await connection.finish();
  }

  protected override get queued(): Promise<void> | undefined {
    return this.#texts.queued;
  }

  protected override async written(): Promise<void> {
    await this.#queue.flushed();
    await this.#main?.written;
  }

  get #main(): SecureConnection | undefined {
    return this.#connections.current;
  }

  /** Texts go over this connection from now on. */
  #used(connection: SecureConnection): void {
    this.#since = Date.now();
    this.#sessions.connected();
    this.#doubt.connected();
    if (connection.isSendOnly) {
      this.#queue.drop();
      return this.#lostRecipient();
    }
    this.#components.outbox.capabilities.introduced(this.identity, connection.peer.capabilities);
    this.#components.outbox.recipientReached(this.identity);
    const waiting = this.#components.outbox.partsFor(this.identity);
    showRotations(this.#components.keys.rotations, connection, waiting);
    if (waiting.length > 0) this.#doubt.expectAck();
    this.#queue.start(connection, waiting);
    this.actions.tellSeen(connection);
  }

  /** The user has compared safety numbers: the peer learns of it if it is there. */
  tellVerified(): void {
    this.security = "verified";
    if (!this.isOpen) return;
    this.#main?.say({ type: "verified" }).catch(() => {}); // the reader reports the loss
    this.#components.events.emit({ type: "key-verified", by: "me", chat: this });
  }

  /** Leaves waiting messages in the outbox, unless another program of the same user takes texts. */
  #lostRecipient(): void {
    const { registry, outbox } = this.#components;
    const isElsewhere = registry.ofType(SecureChat).some((chat) =>
      chat !== this && chat.takesTexts && chat.identity.equals(this.identity)
    );
    if (!isElsewhere) outbox.recipientLost(this.identity);
  }

  /** Takes what the peer says over one connection until that ends. Never rejects. */
  async #follow(connection: SecureConnection, source: MessageSource): Promise<void> {
    const isOver = () => connection.isOver || !this.#connections.has(connection);
    const stored = new ReceiveQueue(isOver, (cause) => {
      const thing = { what: "incoming-message", name: this.name } as const;
      this.#components.events.emit({ type: "error", error: storageError(thing, cause) });
    });
    const { fault } = await this.readAll(source, async (message) => {
      this.#hasAnswered = true;
      this.#doubt.heard(connection === this.#main);
      if (!this.#connections.has(connection)) return; // over, but for reading on to the end
      await this.#take(connection, message, stored);
      // A peer that sends without reading the answers waits.
      if (connection.bufferedAmount > clientLimits.bufferedBytes) await connection.written;
    });
    await stored.end();
    this.#connectionEnded(connection, fault);
  }

  async #take(
    connection: SecureConnection,
    message: CallMessage,
    stored: ReceiveQueue,
  ): Promise<void> {
    switch (message.type) {
      case "text":
        // A text that is not acknowledged comes again.
        if (!this.isOpen || !("id" in message)) return;
        return await this.actions.takeText(message, connection, stored, this.#since, (incoming) => {
          this.#peerIsTyping = false;
          this.receive(incoming);
        });
      case "action":
        if (!this.isOpen) return;
        return await this.actions.takeAction(message, connection, stored);
      case "seen":
        return await this.actions.takeSeen(message.id.toHex(), connection);
      case "received":
        this.#queue.forget(message.id.toHex());
        return this.#components.outbox.delivered(message.id.toHex(), this);
      case "file-offer":
        // An offer that is not acknowledged comes again.
        if (!this.isOpen) return;
        return await takeOffer(this.#components, this, message, connection, stored, this.#since, (
          incoming,
        ) => this.receive(incoming));
      case "invalid-offer": {
        connection.say({ type: "received", id: message.id }).catch(() => {});
        const details = { name: this.name, reason: "invalid", detail: message.reason } as const;
        const error = new ClientError("transfer-failed", details);
        return this.#components.events.emit({ type: "error", error });
      }
      case "file-link":
      case "file-end":
        return await this.#components.files.heard(connection, message);
      case "rotation":
        return await this.#components.takeRotation(connection, message);
      case "typing":
        if (!this.isOpen || message.typing === this.#peerIsTyping) return;
        this.#peerIsTyping = message.typing;
        return this.#components.events.emit({ type: "typing", chat: this, typing: message.typing });
      case "verified":
        if (!this.isOpen || this.#saidVerified.has(connection)) return;
        this.#saidVerified.add(connection);
        return this.#components.events.emit({ type: "key-verified", by: "them", chat: this });
      case "bye":
        await stored.end();
        return this.#closedByPeer(connection, message.reason);
    }
  }

  /** The peer has closed the chat, or its program ends; what was to be written to it still is. */
  #closedByPeer(connection: SecureConnection, reason: ByeReason): void {
    if (connection !== this.#main) return;
    const { events, registry, signaling } = this.#components;
    const isLeaving = reason === byeReasons.leaving;
    if (reason !== byeReasons.closed && !isLeaving && this.isOpen) {
      const details = { name: this.name, ownName: signaling.name, reason };
      events.emit({ type: "error", error: new ClientError("call-rejected", details) });
    }
    if (!isLeaving) this.#sessions.closed();
    for (const each of this.#connections.removeAll()) registry.linger(each.finish());
    this.#ended("them");
  }

  #connectionEnded(connection: SecureConnection, fault: string | undefined): void {
    connection.close();
    if (!this.#connections.remove(connection)) return;
    this.reportFault(fault);
    if (connection === this.#main && !this.#connections.useOther()) this.#ended("lost");
  }

  #ended(by: "them" | "lost"): void {
    const { events, registry } = this.#components;
    const { isOpen } = this;
    const canRedial = by === "lost" && this.#hasAnswered && registry.has(this);
    const isSendOnly = this.#main?.isSendOnly === true;
    this.#connections.unuse();
    this.#doubt.ended();
    this.#queue.drop();
    this.#typing.reset();
    this.isOpen = this.#hasAnswered = this.#peerIsTyping = false;
    if (isOpen) events.emit({ type: "chat-closed", chat: this, by });
    // One that took nothing says nothing about other programs of that user.
    if (isSendOnly) return;
    events.emit({ type: "connection-ended", identity: this.identity, canRedial });
  }
}
