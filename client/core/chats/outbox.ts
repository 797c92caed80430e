import type { Chat, Message, SendOptions } from "../chat.ts";
import { equals } from "@std/bytes/equals";
import { storageError } from "../errors.ts";
import type { Capability } from "../../../protocol/mod.ts";
import type { MessageAction } from "../actions/mod.ts";
import type { Components } from "../components.ts";
import type { EventBus } from "../event_bus.ts";
import { type OutgoingMessage, randomMessageId } from "../message.ts";
import { SerialQueue } from "../serial_queue.ts";
import type { Outgoing } from "../store.ts";
import type { Transfer } from "../transfer.ts";
import { messageParts } from "./message_parts.ts";
import {
  isText,
  isWholeText,
  type NewEntry,
  OutboxEntries,
  type OutboxEntry,
} from "./outbox_entries.ts";
import { OutboxExpiry } from "./outbox_expiry.ts";
import { OutboxShares } from "./outbox_shares.ts";
import { capabilityFor, PeerCapabilities } from "./peer_capabilities.ts";
import { plainBreaks } from "./split_text.ts";
import { staleRotations } from "./stale_rotations.ts";
import { StoredOutbox } from "./stored_outbox.ts";

/** How long a message waits. */
export interface QueueOptions
  extends Pick<SendOptions, "id" | "onlyWhileOpen" | "expiresAfterMs" | "reply"> {
  /** Called with the parts in order in the turn in which they are added. */
  readonly onQueued?: (parts: readonly Outgoing[]) => void;
}

/** A text that waited, and was changed or taken out. */
interface Unsent {
  /** The text before. */
  readonly before: string;
  /** Whether it was handed to a connection before. */
  readonly mayHaveArrived: boolean;
}

/** The messages that are not acknowledged, for each key in the order in which they were written. */
export class Outbox {
  readonly #storedOutbox: StoredOutbox;
  readonly #events: EventBus;
  /** Changes come one after the other, in the store and in memory. */
  readonly #access = new SerialQueue();
  readonly #entries = new OutboxEntries();
  readonly #expiry = new OutboxExpiry(this.#entries, (entry) => this.#expire(entry));
  readonly #shares = new OutboxShares(
    this.#entries,
    (entry) => this.#giveUp(entry, "too many messages wait; the oldest went"),
  );
  /** The keys in hex to which a connection is wanted for another reason than messages. */
  readonly #wanted = new Set<string>();
  #isLoaded = false;
  readonly #ownKey: Uint8Array | undefined;
  readonly capabilities: PeerCapabilities;

  constructor({ store, events, keys }: Pick<Components, "store" | "events" | "keys">) {
    this.#storedOutbox = new StoredOutbox(store, events);
    this.#ownKey = keys?.identity;
    this.#events = events;
    this.capabilities = new PeerCapabilities(events);
  }

  /**
   * Takes over what waits in the store since an earlier run, each part as a message of its own, unless
   * that is done.
   *
   * @throws {ClientError} `storage-failed`
   */
  load(): Promise<void> {
    return this.#access.run(() => this.#load());
  }

  async #load(): Promise<void> {
    if (this.#isLoaded) return this.#expiry.start();
    const parts = await this.#storedOutbox.load();
    const stale = staleRotations(this.#ownKey, parts);
    for (const part of parts) {
      if (stale.has(part)) continue;
      const entry = this.#add([part], part, false);
      entry.handed.add(part.id);
      entry.message.become("queued");
      this.#shares.lost(part.identity);
      if (part.action !== undefined) this.#storedOutbox.applyAgain(part, part.action);
      if (part.expires !== undefined) this.#expiry.expireIn(entry, part.expires - Date.now());
    }
    this.#isLoaded = true;
  }

  /** Nothing expires until the next login, so that no timer keeps the program from ending. */
  stopTimers(): void {
    this.#expiry.stop();
  }

  /** Resolves once everything that is to be stored is, or could not be. */
  get stored(): Promise<void> {
    return this.#access.done;
  }

  get all(): Message[] {
    return this.#entries.messages;
  }

  /** The keys to which a connection is to be made. */
  get recipients(): Uint8Array[] {
    const wanted = Array.from(this.#wanted, (key) => Uint8Array.fromHex(key));
    return [...this.#entries.recipients, ...wanted];
  }

  /** Whether a connection with that key is to be made: a message waits for it, or something else. */
  needsConnection(identity: Uint8Array): boolean {
    return this.hasFor(identity) || this.#wanted.has(identity.toHex());
  }

  /** Sets whether a connection with that key is wanted for another reason than messages. */
  want(identity: Uint8Array, isWanted: boolean): void {
    if (isWanted) this.#wanted.add(identity.toHex());
    else this.#wanted.delete(identity.toHex());
  }

  /** Rotations come first: without them the recipient refuses the rest. */
  partsFor(identity: Uint8Array): Outgoing[] {
    return this.#entries.partsFor(identity);
  }

  /** A recipient has a new key: what waits for the old one is meant for that. It is stored so already. */
  followKey(oldKey: Uint8Array, newKey: Uint8Array): Promise<void> {
    return this.#change(() => Promise.resolve(this.#entries.followKey(oldKey, newKey)));
  }

  /** Whether something waits for that key that its program can take, as far as that is known. */
  hasFor(identity: Uint8Array): boolean {
    return this.partsFor(identity).some((part) => {
      const capability = capabilityFor(part);
      return capability === undefined || this.capabilities.can(identity, capability) !== false;
    });
  }

  /** The chat in which a part was written, or was sent last. */
  chatOf(id: string): Chat | undefined {
    return this.#entries.withPart(id)?.message.chat;
  }

  part(id: string): Outgoing | undefined {
    return this.#entries.withPart(id)?.parts.get(id);
  }

  /**
   * Stores a text until it is acknowledged, in as many parts as it takes: all of them, or none. If too
   * many wait for those who can't be reached, the oldest of them are given up.
   *
   * @throws {ClientError} `send-failed` if too much waits already, `storage-failed`
   */
  queue(
    to: Pick<Outgoing, "name" | "server" | "identity">,
    chat: Chat,
    text: string,
    options: QueueOptions = {},
  ): Promise<OutgoingMessage> {
    const { id = randomMessageId(), onQueued, onlyWhileOpen = false, expiresAfterMs, reply } =
      options;
    const time = Date.now();
    return this.#change(async () => {
      this.#assertFresh(id);
      const { name, server, identity } = to;
      const expires = expiresAfterMs === undefined ? {} : { expires: time + expiresAfterMs };
      const parts = messageParts(id, text).map((part, index) => ({
        ...{ ...part, name, server, identity, time, ...expires },
        ...index === 0 && reply !== undefined && { reply },
      }));
      const whole = { id, text: plainBreaks(text), time, name, identity, chat, reply };
      await this.#shares.makeRoom(identity, parts.length);
      if (!onlyWhileOpen) await this.#storedOutbox.add(parts);
      const entry = this.#add(parts, whole, onlyWhileOpen);
      if (expiresAfterMs !== undefined) this.#expiry.expireIn(entry, expiresAfterMs);
      onQueued?.(parts);
      return entry.message;
    });
  }

  /**
   * Adds actions to the outbox, as {@linkcode Outbox.queue} does with texts.
   *
   * @param apply applies them here, before any goes out; a later run does it if this one ends before
   * @returns the last of them
   */
  queueActions(
    to: Pick<Outgoing, "name" | "server" | "identity">,
    chat: Chat,
    actions: readonly MessageAction[],
    apply: () => Promise<void>,
    onQueued: (parts: readonly Outgoing[]) => void,
  ): Promise<OutgoingMessage> {
    return this.#change(async () => {
      const { name, server, identity } = to;
      const parts = actions.map(({ id, type, target, body: text, time }) => {
        this.#assertFresh(id);
        return { id, name, server, identity, text, time, action: { type, target } };
      });
      await this.#shares.makeRoom(identity, parts.length);
      await this.#storedOutbox.add(parts);
      try {
        await apply();
      } finally {
        for (const part of parts) this.#add([part], { ...part, chat }, false);
        onQueued(parts);
      }
      const message = this.#entries.withPart(actions.at(-1)?.id ?? "")?.message;
      if (message === undefined) throw new RangeError("expected an action, got none");
      return message;
    });
  }

  /** Adds an offer of files, which its transfer stores; without a chat it is one of an earlier run. */
  queueOffer(part: Outgoing, transfer: Transfer, chat?: Chat): Promise<OutgoingMessage> {
    return this.#change(async () => {
      this.#assertFresh(part.id);
      await this.#shares.makeRoom(part.identity, 1);
      const { message } = this.#add([part], { ...part, transfer, ...chat && { chat } }, false);
      if (chat === undefined) {
        message.become("queued");
        this.#shares.lost(part.identity);
      }
      return message;
    });
  }

  /**
   * Gives a text that waits another one.
   *
   * @returns undefined if it does not wait, or is in several parts
   */
  edit(id: string, text: string): Promise<Unsent | undefined> {
    return this.#change(async () => {
      const entry = this.#entries.withPart(id);
      if (!isWholeText(entry, id) || messageParts(id, text).length !== 1) return undefined;
      const plain = plainBreaks(text);
      if (!entry.isTransient) await this.#storedOutbox.change(id, plain);
      const part = entry.parts.get(id);
      if (part === undefined) return undefined; // acknowledged meanwhile
      const changed = { ...part, text: plain };
      this.#entries.replace(entry, changed);
      const before = entry.message.text;
      entry.message.text = plain;
      return { before, mayHaveArrived: entry.handed.has(id) };
    });
  }

  /** Takes a text that waits out of the outbox; undefined if it does not wait. */
  remove(id: string): Promise<Unsent | undefined> {
    return this.#change(async () => {
      const entry = this.#entries.withPart(id);
      if (entry === undefined || entry.message.id !== id || !isText(entry)) return undefined;
      const unsent = { before: entry.message.text, mayHaveArrived: entry.handed.size > 0 };
      await this.#takeOut(entry);
      this.#entries.forgetAll(entry);
      entry.message.fail("it was deleted");
      return unsent;
    });
  }

  /** A part is handed to a connection: from here on it may arrive. */
  handed(id: string): void {
    this.#entries.withPart(id)?.handed.add(id);
  }

  /** A part waits for a newer version of its recipient's program: reports once that it is queued. */
  lacksCapability(id: string, capability: Capability): void {
    const message = this.#entries.withPart(id)?.message;
    if (message === undefined || message.missing === capability) return;
    message.missing = capability;
    message.become("queued");
    this.#events.emit({ type: "queued", message });
  }

  /** The key can be reached: what is written to it is on its way, however much it is. */
  recipientReached(identity: Uint8Array): void {
    this.#shares.reached(identity);
  }

  /** A part is written to its recipient, in that chat. */
  written(id: string, chat: Chat): void {
    const entry = this.#entries.withPart(id);
    if (entry?.unwritten.delete(id) !== true || entry.unwritten.size > 0) return;
    const { message } = entry;
    message.chat = chat;
    message.missing = undefined;
    message.become("sent");
    if (isText(entry)) this.#events.emit({ type: "sent", chat, message });
  }

  /**
   * The key can't be reached now: reports once for each message that it is queued. What was to be sent
   * only while the chat is open is given up.
   */
  recipientLost(identity: Uint8Array): void {
    this.#shares.lost(identity);
    for (const { id } of this.partsFor(identity)) {
      const entry = this.#entries.withPart(id);
      if (entry === undefined) continue;
      if (entry.isTransient) this.#fail(entry, "the connection ended");
      else if (entry.message.state === "sending") {
        entry.message.become("queued");
        if (!entry.isRotation) this.#events.emit({ type: "queued", message: entry.message });
      }
    }
  }

  /** The chat's peer has acknowledged a part: it is removed from the store, then from here. */
  async delivered(id: string, chat: Chat): Promise<void> {
    const isMeant = () => {
      const recipient = this.#entries.withPart(id)?.message.identity;
      return recipient !== undefined && chat.identity !== undefined &&
        equals(recipient, chat.identity);
    };
    if (!isMeant()) return;
    this.written(id, chat); // it may be known sooner than that the last byte was written
    await this.#change(async () => {
      if (!isMeant()) return;
      if (this.#entries.withPart(id)?.isStored === true) {
        await this.#storedOutbox.removeDelivered(id);
      }
      const entry = this.#entries.withPart(id);
      if (entry === undefined) return;
      this.#entries.forget(entry, id);
      if (entry.parts.size > 0) return;
      entry.message.become("delivered");
      const { message } = entry;
      if (isText(entry)) return this.#events.emit({ type: "delivered", message });
      if (!entry.isRotation) return;
      if (this.partsFor(chat.identity ?? new Uint8Array()).some(({ rotation }) => rotation)) return;
      this.#events.emit({ type: "key-rotated", name: chat.name, by: "me", chat });
    });
  }

  #cancel(entry: OutboxEntry): Promise<boolean> {
    return this.#change(() => this.#giveUp(entry, "cancelled"));
  }

  /** Takes a message out of the store; false if it is not there any more. Only within a change. */
  async #giveUp(entry: OutboxEntry, why: string): Promise<boolean> {
    if (!this.#entries.has(entry)) return false;
    await this.#takeOut(entry);
    this.#fail(entry, why);
    return true;
  }

  /** @throws {ClientError} `storage-failed` */
  async #takeOut(entry: OutboxEntry): Promise<void> {
    if (entry.isStored) await this.#storedOutbox.remove([...entry.parts.keys()]);
  }

  /** @throws {RangeError} */
  #assertFresh(id: string): void {
    if (/^[0-9a-f]{16}$/.test(id) && this.#entries.withPart(id) === undefined) return;
    throw new RangeError(`expected a fresh id of 16 hex digits, got "${id}"`);
  }

  /** Forgets a message, and reports why it is not delivered. */
  #fail(entry: OutboxEntry, why: string): void {
    const { message, parts, unwritten } = entry;
    const mayHaveArrived = message.state === "sent" || unwritten.size < parts.size;
    this.#entries.forgetAll(entry);
    const reason = mayHaveArrived ? `${why}, but it may have arrived` : why;
    message.fail(reason);
    this.#events.emit({ type: "failed", message, reason });
  }

  #expire(entry: OutboxEntry): void {
    this.#change(() => this.#giveUp(entry, "expired")).catch((error) => {
      this.#events.emit({ type: "error", error: storageError({ what: "outbox" }, error) });
    });
  }

  /** Runs a change after those before it, once what waits in the store is known. */
  #change<Result>(change: () => Promise<Result>): Promise<Result> {
    return this.#access.run(async () => {
      await this.#load();
      return await change();
    });
  }

  #add(parts: readonly Outgoing[], message: NewEntry, isTransient: boolean): OutboxEntry {
    return this.#entries.add(parts, message, isTransient, (entry) => this.#cancel(entry));
  }
}
