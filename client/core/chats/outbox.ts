import type { Chat, Message, SendOptions } from "../chat.ts";
import { equals } from "@std/bytes/equals";
import { ClientError, storageError } from "../errors.ts";
import { decodeRotation, type KeyRotation, rotationsTo } from "../../../protocol/mod.ts";
import type { Components } from "../components.ts";
import type { EventBus } from "../event_bus.ts";
import { PublicKey } from "../public_key.ts";
import { OutgoingMessage, randomMessageId } from "../message.ts";
import { SerialQueue } from "../serial_queue.ts";
import { clientLimits } from "../limits.ts";
import type { Outgoing, Store } from "../store.ts";
import { plainBreaks, splitText } from "./split_text.ts";

/** Timers count no further, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How long a message waits. */
export interface QueueOptions extends Pick<SendOptions, "id" | "onlyWhileOpen" | "expiresAfterMs"> {
  /** Called with the parts in order in the turn in which they are added. */
  readonly onQueued?: (parts: readonly Outgoing[]) => void;
}

/** A message that is not delivered, and the parts in which it goes out. */
interface Entry {
  readonly message: OutgoingMessage;
  /** The parts that are not acknowledged. */
  readonly parts: Map<string, Outgoing>;
  /** The ids of the parts that were never written. */
  readonly unwritten: Set<string>;
  /** Whether it is given up once its recipient can't be reached, and is not in the store. */
  readonly isTransient: boolean;
  /** Whether it says that the user has a new key: that is no message of the user's. */
  readonly isRotation: boolean;
  /** When it is given up, by `performance.now()`, and the timer that does it. */
  expiresAt?: number;
  timer?: ReturnType<typeof setTimeout> | undefined;
}

/** The messages that are not acknowledged, for each key in the order in which they were written. */
export class Outbox {
  readonly #store: Store;
  readonly #events: EventBus;
  /** Changes come one after the other, in the store and in memory. */
  readonly #access = new SerialQueue();
  readonly #entries = new Set<Entry>();
  readonly #byPart = new Map<string, Entry>();
  /** The parts for each recipient's key in hex, by id, the oldest first. */
  readonly #byKey = new Map<string, Map<string, Outgoing>>();
  /** The keys in hex that can't be reached now. */
  readonly #unreachable = new Set<string>();
  #isLoaded = false;
  #hasComplained = false;

  readonly #ownKey: Uint8Array | undefined;

  constructor({ store, events, keys }: Pick<Components, "store" | "events" | "keys">) {
    this.#store = store;
    this.#ownKey = keys?.identity;
    this.#events = events;
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
    if (this.#isLoaded) return this.#startTimers();
    const parts = await this.#store.outbox().catch((error) => {
      throw storageError({ what: "contents" }, error);
    });
    const stale = this.#staleRotations(parts);
    for (const part of parts) {
      if (stale.has(part)) continue;
      const entry = this.#add([part], part, false);
      entry.message.become("queued");
      this.#unreachable.add(part.identity.toHex());
      if (part.expires !== undefined) this.#expireIn(entry, part.expires - Date.now());
    }
    this.#isLoaded = true;
  }

  /** Rotations that do not lead to the own key: another one was imported, or a change was cut short. */
  #staleRotations(parts: readonly Outgoing[]): Set<Outgoing> {
    const all = new Set(parts.filter(({ rotation }) => rotation !== undefined));
    if (this.#ownKey === undefined) return all;
    for (const recipient of new Set(Array.from(all, ({ identity }) => identity.toHex()))) {
      const own = [...all].filter(({ identity }) => identity.toHex() === recipient);
      const decoded = new Map(own.map((part) => [rotationIn(part), part]));
      const rotations = [...decoded.keys()].filter((rotation) => rotation !== undefined);
      for (const rotation of rotationsTo(this.#ownKey, rotations)) {
        const part = decoded.get(rotation);
        if (part !== undefined) all.delete(part);
      }
    }
    return all;
  }

  /** Nothing expires until the next login, so that no timer keeps the program from ending. */
  stopTimers(): void {
    for (const entry of this.#entries) {
      clearTimeout(entry.timer);
      entry.timer = undefined;
    }
  }

  #startTimers(): void {
    for (const entry of this.#entries) {
      if (entry.timer === undefined && entry.expiresAt !== undefined) this.#watch(entry);
    }
  }

  /** Resolves once everything that is to be stored is, or could not be. */
  get stored(): Promise<void> {
    return this.#access.done;
  }

  get all(): Message[] {
    return [...this.#entries].filter(({ isRotation }) => !isRotation).map(({ message }) => message);
  }

  /** Rotations come first: without them the recipient refuses the rest. */
  partsFor(identity: Uint8Array): Outgoing[] {
    const parts = [...this.#byKey.get(identity.toHex())?.values() ?? []];
    const isRotation = ({ rotation }: Outgoing) => rotation !== undefined;
    return [...parts.filter(isRotation), ...parts.filter((part) => !isRotation(part))];
  }

  /** A recipient has a new key: what waits for the old one is meant for that. It is stored so already. */
  followKey(oldKey: Uint8Array, newKey: Uint8Array): Promise<void> {
    return this.#change(() => {
      for (const part of this.partsFor(oldKey)) {
        const entry = this.#byPart.get(part.id);
        if (entry === undefined) continue;
        const moved = { ...part, identity: newKey };
        entry.parts.set(part.id, moved);
        entry.message.identity = new PublicKey(newKey);
        this.#byKey.getOrInsertComputed(newKey.toHex(), () => new Map()).set(part.id, moved);
      }
      this.#byKey.delete(oldKey.toHex());
      return Promise.resolve();
    });
  }

  hasFor(identity: Uint8Array): boolean {
    return this.#byKey.has(identity.toHex());
  }

  /** The chat in which a part was written, or was sent last. */
  chatOf(id: string): Chat | undefined {
    return this.#byPart.get(id)?.message.chat;
  }

  hasPart(id: string): boolean {
    return this.#byPart.has(id);
  }

  get recipients(): Uint8Array[] {
    return Array.from(this.#byKey.keys(), (key) => Uint8Array.fromHex(key));
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
    { id = randomMessageId(), onQueued, onlyWhileOpen = false, expiresAfterMs }: QueueOptions = {},
  ): Promise<OutgoingMessage> {
    const time = Date.now();
    return this.#change(async () => {
      if (!/^[0-9a-f]{16}$/.test(id) || this.#byPart.has(id)) {
        throw new RangeError(`expected a fresh id of 16 hex digits, got "${id}"`);
      }
      const texts = splitText(text);
      const { name, server, identity } = to;
      await this.#makeRoom(identity.toHex(), texts.length);
      const expires = expiresAfterMs === undefined ? {} : { expires: time + expiresAfterMs };
      const parts = texts.map((text, index) => {
        const isLast = index === texts.length - 1;
        const own = isLast ? id : randomMessageId();
        return { id: own, name, server, identity, text, time, ...expires };
      });
      if (!onlyWhileOpen) {
        await this.#store.queue(parts).catch((error) => {
          throw storageError({ what: "outbox" }, error);
        });
      }
      const whole = { id, text: plainBreaks(text), time, name, identity, chat };
      const entry = this.#add(parts, whole, onlyWhileOpen);
      if (expiresAfterMs !== undefined) this.#expireIn(entry, expiresAfterMs);
      onQueued?.(parts);
      return entry.message;
    });
  }

  /** The key can be reached: what is written to it is on its way, however much it is. */
  recipientReached(identity: Uint8Array): void {
    this.#unreachable.delete(identity.toHex());
  }

  /** A part is written to its recipient, in that chat. */
  written(id: string, chat: Chat): void {
    const entry = this.#byPart.get(id);
    if (entry?.unwritten.delete(id) !== true || entry.unwritten.size > 0) return;
    const { message } = entry;
    message.chat = chat;
    message.become("sent");
    if (!entry.isRotation) this.#events.emit({ type: "sent", chat, message });
  }

  /**
   * The key can't be reached now: reports once for each message that it is queued. What was to be sent
   * only while the chat is open is given up.
   */
  recipientLost(identity: Uint8Array): void {
    this.#unreachable.add(identity.toHex());
    for (const { id } of this.partsFor(identity)) {
      const entry = this.#byPart.get(id);
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
      const recipient = this.#byPart.get(id)?.message.identity;
      return recipient !== undefined && chat.identity !== undefined &&
        equals(recipient, chat.identity);
    };
    if (!isMeant()) return;
    this.written(id, chat); // it may be known sooner than that the last byte was written
    await this.#change(async () => {
      if (!isMeant()) return;
      if (this.#byPart.get(id)?.isTransient === false) await this.#removeStored(id);
      const entry = this.#byPart.get(id);
      if (entry === undefined) return;
      this.#forget(entry, id);
      if (entry.parts.size > 0) return;
      entry.message.become("delivered");
      const { message } = entry;
      if (!entry.isRotation) return this.#events.emit({ type: "delivered", message });
      if (this.partsFor(chat.identity ?? new Uint8Array()).some(({ rotation }) => rotation)) return;
      this.#events.emit({ type: "key-rotated", name: chat.name, by: "me", chat });
    });
  }

  #cancel(entry: Entry): Promise<boolean> {
    return this.#change(() => this.#giveUp(entry, "cancelled"));
  }

  /** Takes a message out of the store; false if it is not there any more. Only within a change. */
  async #giveUp(entry: Entry, why: string): Promise<boolean> {
    if (!this.#entries.has(entry)) return false;
    for (const part of entry.isTransient ? [] : entry.parts.keys()) {
      await this.#store.removeFromOutbox(part).catch((error) => {
        throw storageError({ what: "outbox" }, error);
      });
    }
    this.#fail(entry, why);
    return true;
  }

  /** Forgets a message, and reports why it is not delivered. */
  #fail(entry: Entry, why: string): void {
    const { message, parts, unwritten } = entry;
    const mayHaveArrived = message.state === "sent" || unwritten.size < parts.size;
    for (const part of [...parts.keys()]) this.#forget(entry, part);
    const reason = mayHaveArrived ? `${why}, but it may have arrived` : why;
    message.fail(reason);
    this.#events.emit({ type: "failed", message, reason });
  }

  /**
   * Makes room for more parts to a key, at the expense of those who can't be reached: of that key itself
   * if it has its share, else of whom most waits for.
   *
   * @throws {ClientError} `send-failed` if there is none
   */
  async #makeRoom(key: string, count: number): Promise<void> {
    const { outboxMessages, outboxMessagesPerRecipient } = clientLimits;
    const waiting = (key: string) => this.#byKey.get(key)?.size ?? 0;
    if (this.#unreachable.has(key)) {
      // What has waited for longer, and was not too much then, stays as it is.
      const share = Math.max(outboxMessagesPerRecipient, waiting(key));
      if (count > share) throw outboxFullError(share);
      while (waiting(key) + count > share) await this.#giveUpOldest(key);
    }
    while (this.#byPart.size + count > outboxMessages) {
      const [fullest] = [...this.#unreachable].sort((a, b) => waiting(b) - waiting(a));
      if (fullest === undefined || waiting(fullest) === 0) throw outboxFullError(outboxMessages);
      await this.#giveUpOldest(fullest);
    }
  }

  async #giveUpOldest(key: string): Promise<void> {
    const parts = this.partsFor(Uint8Array.fromHex(key));
    const id = parts.find(({ rotation }) => rotation === undefined)?.id ?? "";
    const entry = this.#byPart.get(id);
    if (entry !== undefined) await this.#giveUp(entry, "too many messages wait; the oldest went");
  }

  /** Gives a message up after that time, counted by a clock that nobody sets. */
  #expireIn(entry: Entry, timeMs: number): void {
    entry.expiresAt = performance.now() + timeMs;
    this.#watch(entry);
  }

  #watch(entry: Entry): void {
    const left = Math.max(0, (entry.expiresAt ?? 0) - performance.now());
    const expire = () => {
      if (left > MAX_TIMER_MS) return this.#watch(entry);
      this.#change(() => this.#giveUp(entry, "expired")).catch((error) => {
        this.#events.emit({ type: "error", error: storageError({ what: "outbox" }, error) });
      });
    };
    entry.timer = setTimeout(expire, Math.min(left, MAX_TIMER_MS));
  }

  /** Runs a change after those before it, once what waits in the store is known. */
  #change<Result>(change: () => Promise<Result>): Promise<Result> {
    return this.#access.run(async () => {
      await this.#load();
      return await change();
    });
  }

  #add(
    parts: readonly Outgoing[],
    message: Pick<Outgoing, "id" | "text" | "time" | "name" | "identity"> & {
      readonly chat?: Chat;
    },
    isTransient: boolean,
  ): Entry {
    const entry: Entry = {
      message: new OutgoingMessage(message, () => this.#cancel(entry)),
      parts: new Map(parts.map((part) => [part.id, part])),
      unwritten: new Set(parts.map(({ id }) => id)),
      isTransient,
      isRotation: parts.some(({ rotation }) => rotation !== undefined),
    };
    this.#entries.add(entry);
    for (const part of parts) {
      this.#byPart.set(part.id, entry);
      this.#byKey.getOrInsertComputed(part.identity.toHex(), () => new Map())
        .set(part.id, part);
    }
    return entry;
  }

  /** A part that can't be taken out goes out again at the next start, and is dropped by its recipient. */
  async #removeStored(id: string): Promise<void> {
    try {
      await this.#store.removeFromOutbox(id);
      this.#hasComplained = false;
    } catch (error) {
      if (this.#hasComplained) return;
      this.#hasComplained = true;
      this.#events.emit({ type: "error", error: storageError({ what: "delivery" }, error) });
    }
  }

  #forget(entry: Entry, id: string): void {
    const key = entry.parts.get(id)?.identity.toHex() ?? "";
    entry.parts.delete(id);
    if (entry.parts.size === 0) {
      this.#entries.delete(entry);
      clearTimeout(entry.timer);
    }
    this.#byPart.delete(id);
    const others = this.#byKey.get(key);
    others?.delete(id);
    if (others?.size === 0) this.#byKey.delete(key);
  }
}

function rotationIn({ rotation }: Outgoing): KeyRotation | undefined {
  try {
    return rotation && decodeRotation(rotation);
  } catch {
    return undefined; // it is damaged
  }
}

function outboxFullError(limit: number): ClientError {
  return new ClientError("send-failed", { reason: "outbox-full", limit });
}
