import type { Chat, Message } from "../chat.ts";
import { equals } from "@std/bytes/equals";
import { ClientError, storageError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";
import { OutgoingMessage, randomMessageId } from "../message.ts";
import { SerialQueue } from "../serial_queue.ts";
import { clientLimits } from "../limits.ts";
import type { Outgoing, Store } from "../store.ts";
import { plainBreaks, splitText } from "./split_text.ts";

/** A message that is not delivered, and the parts in which it goes out. */
interface Entry {
  readonly message: OutgoingMessage;
  /** The parts that are not acknowledged. */
  readonly parts: Map<string, Outgoing>;
  /** The ids of the parts that were never written. */
  readonly unwritten: Set<string>;
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
  #isLoaded = false;
  #hasComplained = false;

  constructor({ store, events }: { readonly store: Store; readonly events: EventBus }) {
    this.#store = store;
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
    if (this.#isLoaded) return;
    const parts = await this.#store.outbox().catch((error) => {
      throw storageError({ what: "contents" }, error);
    });
    for (const part of parts) this.#add([part], part).message.become("queued");
    this.#isLoaded = true;
  }

  /** Resolves once everything that is to be stored is, or could not be. */
  get stored(): Promise<void> {
    return this.#access.done;
  }

  get all(): Message[] {
    return Array.from(this.#entries, ({ message }) => message);
  }

  partsFor(identity: Uint8Array): Outgoing[] {
    return [...this.#byKey.get(identity.toHex())?.values() ?? []];
  }

  hasFor(identity: Uint8Array): boolean {
    return this.#byKey.has(identity.toHex());
  }

  hasPart(id: string): boolean {
    return this.#byPart.has(id);
  }

  get recipients(): Uint8Array[] {
    return Array.from(this.#byKey.keys(), (key) => Uint8Array.fromHex(key));
  }

  /**
   * Stores a text until it is acknowledged, in as many parts as it takes: all of them, or none.
   *
   * @param onQueued called with the parts in order in the turn in which they are added
   * @throws {ClientError} `send-failed` if too much waits already, `storage-failed`
   */
  queue(
    to: Pick<Outgoing, "name" | "server" | "identity">,
    chat: Chat,
    text: string,
    id: string = randomMessageId(),
    onQueued: (parts: readonly Outgoing[]) => void = () => {},
  ): Promise<OutgoingMessage> {
    const time = Date.now();
    return this.#change(async () => {
      if (!/^[0-9a-f]{16}$/.test(id) || this.#byPart.has(id)) {
        throw new RangeError(`expected a fresh id of 16 hex digits, got "${id}"`);
      }
      const texts = splitText(text);
      const limit = clientLimits.outboxMessages;
      if (this.#byPart.size + texts.length > limit) {
        throw new ClientError("send-failed", { reason: "outbox-full", limit });
      }
      const { name, server, identity } = to;
      const parts = texts.map((text, index) => {
        const isLast = index === texts.length - 1;
        return { id: isLast ? id : randomMessageId(), name, server, identity, text, time };
      });
      await this.#store.queue(parts).catch((error) => {
        throw storageError({ what: "outbox" }, error);
      });
      const whole = { id, text: plainBreaks(text), time, name, identity, chat };
      const { message } = this.#add(parts, whole);
      onQueued(parts);
      return message;
    });
  }

  /** A part is written to its recipient, in that chat. */
  written(id: string, chat: Chat): void {
    const entry = this.#byPart.get(id);
    if (entry?.unwritten.delete(id) !== true || entry.unwritten.size > 0) return;
    const { message } = entry;
    message.chat = chat;
    message.become("sent");
    this.#events.emit({ type: "sent", chat, message });
  }

  /** The key can't be reached now: reports once for each message that it is queued. */
  recipientLost(identity: Uint8Array): void {
    for (const { id } of this.partsFor(identity)) {
      const message = this.#byPart.get(id)?.message;
      if (message?.state !== "sending") continue;
      message.become("queued");
      this.#events.emit({ type: "queued", message });
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
      await this.#removeStored(id);
      const entry = this.#byPart.get(id);
      if (entry === undefined) return;
      this.#forget(entry, id);
      if (entry.parts.size > 0) return;
      entry.message.become("delivered");
      this.#events.emit({ type: "delivered", message: entry.message });
    });
  }

  #cancel(entry: Entry): Promise<boolean> {
    return this.#change(async () => {
      if (!this.#entries.has(entry)) return false;
      const { message, parts, unwritten } = entry;
      for (const part of parts.keys()) {
        await this.#store.removeFromOutbox(part).catch((error) => {
          throw storageError({ what: "outbox" }, error);
        });
      }
      const mayHaveArrived = message.state === "sent" || unwritten.size < parts.size;
      for (const part of [...parts.keys()]) this.#forget(entry, part);
      const reason = mayHaveArrived ? "cancelled, but it may have arrived" : "cancelled";
      message.fail(reason);
      this.#events.emit({ type: "failed", message, reason });
      return true;
    });
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
  ): Entry {
    const entry: Entry = {
      message: new OutgoingMessage(message, () => this.#cancel(entry)),
      parts: new Map(parts.map((part) => [part.id, part])),
      unwritten: new Set(parts.map(({ id }) => id)),
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
    if (entry.parts.size === 0) this.#entries.delete(entry);
    this.#byPart.delete(id);
    const others = this.#byKey.get(key);
    others?.delete(id);
    if (others?.size === 0) this.#byKey.delete(key);
  }
}
