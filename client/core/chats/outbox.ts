import { limits } from "../../../protocol/mod.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";
import { ClientError } from "../errors.ts";
import type { MessengerEvent } from "../events.ts";
import type { Outgoing, Store } from "../store.ts";
import type { Chat } from "../chat.ts";
import { clientLimits } from "../limits.ts";
import { equals } from "@std/bytes/equals";

const encoder = new TextEncoder();

/** What is known of a message beside what it says. */
interface Entry {
  readonly message: Outgoing;
  /** What was told of it: nothing yet, that it waits, or that it was written to its recipient. */
  told: "nothing" | "queued" | "sent";
  /** Resolves once something was told of it. */
  readonly settled: PromiseWithResolvers<void>;
}

/** All that is not acknowledged, for each key in the order in which it was written. */
export class Outbox {
  readonly #store: Store;
  readonly #emit: (event: MessengerEvent) => void;
  readonly #entries = new Map<string, Entry>();
  /** The same by the recipient's key in hex, each oldest first. */
  readonly #byKey = new Map<string, Map<string, Outgoing>>();
  /** Whether it was said that the store does not take what has arrived out. */
  #complained = false;

  /** What the store has from earlier waits already, and that is not told again. */
  constructor(store: Store, emit: (event: MessengerEvent) => void) {
    this.#store = store;
    this.#emit = emit;
    for (const message of store.outbox()) this.#add(message, "queued");
  }

  /** Everything, the oldest first. */
  get all(): Outgoing[] {
    return Array.from(this.#entries.values(), ({ message }) => message);
  }

  /** What waits for a key, the oldest first. */
  of(identity: Uint8Array): Outgoing[] {
    return [...this.#byKey.get(identity.toHex())?.values() ?? []];
  }

  /** Whether anything waits for a key. */
  hasFor(identity: Uint8Array): boolean {
    return this.#byKey.has(identity.toHex());
  }

  /** A message that is still to be delivered. */
  get(id: string): Outgoing | undefined {
    return this.#entries.get(id)?.message;
  }

  /** The keys for which something waits. */
  get recipients(): Uint8Array[] {
    return Array.from(this.#byKey.keys(), (key) => Uint8Array.fromHex(key));
  }

  /**
   * Keeps messages until they are acknowledged: all of them, or none.
   *
   * @throws {ClientError} `send-failed` where too much waits already, `storage-failed`
   */
  queue(messages: readonly Outgoing[]): void {
    if (this.#entries.size + messages.length > clientLimits.outboxMessages) {
      throw new ClientError(
        "send-failed",
        `nothing was sent: ${this.#entries.size} messages wait already, and at most ` +
          `${clientLimits.outboxMessages} can`,
      );
    }
    this.#store.queue(messages);
    for (const message of messages) this.#add(message, "nothing");
  }

  /** Resolves once that message was sent, or is told to wait, or waits no more. */
  async settled(id: string): Promise<void> {
    await this.#entries.get(id)?.settled.promise;
  }

  /** A message is written to its recipient, which is told once, in that chat. */
  sent(id: string, chat: Chat): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.told === "sent") return;
    entry.told = "sent";
    this.#emit({ type: "sent", chat, text: entry.message.text, id });
    entry.settled.resolve();
  }

  /** Nobody can be reached at that key now: what waits is told to do so, once. */
  waits(identity: Uint8Array): void {
    for (const { id } of this.of(identity)) {
      const entry = this.#entries.get(id);
      if (entry?.told !== "nothing") continue;
      entry.told = "queued";
      this.#emit({ type: "queued", message: entry.message });
      entry.settled.resolve();
    }
  }

  /** The peer of that chat says that it has a message. */
  delivered(id: string, chat: Chat): void {
    const entry = this.#entries.get(id);
    const key = chat.identity;
    if (entry === undefined || key === undefined || !equals(entry.message.identity, key)) return;
    this.sent(id, chat); // it may be known sooner than that the last byte was written
    this.#arrived(entry.message);
    this.#remove(entry);
    this.#emit({ type: "delivered", message: entry.message });
  }

  /**
   * Gives a message up; false where there is none of that id.
   *
   * @throws {ClientError} `storage-failed`; it waits as before then
   */
  cancel(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#store.removeFromOutbox(id);
    this.#remove(entry);
    const reason = entry.told === "sent" ? "cancelled, but it may have arrived" : "cancelled";
    this.#emit({ type: "failed", message: entry.message, reason });
    return true;
  }

  #add(message: Outgoing, told: Entry["told"]): void {
    this.#entries.set(message.id, { message, told, settled: Promise.withResolvers() });
    const key = message.identity.toHex();
    const others = this.#byKey.get(key);
    if (others === undefined) this.#byKey.set(key, new Map([[message.id, message]]));
    else others.set(message.id, message);
  }

  /** Where that can't be kept, it goes out again at the next start, and is dropped there. */
  #arrived({ id }: Outgoing): void {
    try {
      this.#store.removeFromOutbox(id);
      this.#complained = false;
    } catch (error) {
      if (this.#complained) return;
      this.#complained = true;
      const text = `what has arrived will be sent again at the next start: ${reasonOf(error)}`;
      this.#emit({ type: "error", text });
    }
  }

  #remove({ message: { id, identity }, settled }: Entry): void {
    this.#entries.delete(id);
    const key = identity.toHex();
    const others = this.#byKey.get(key);
    others?.delete(id);
    if (others?.size === 0) this.#byKey.delete(key);
    settled.resolve();
  }
}

/** A fresh id for a message, 8 bytes in hex. */
export function randomId(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}

/**
 * A text as the messages that it goes out as: one, unless it is longer than a message may be. It is
 * cut behind a line break where there is one, else behind a character.
 */
export function splitText(text: string): string[] {
  const parts: string[] = [];
  const room = new Uint8Array(limits.textBytes);
  let rest = text.replaceAll(/\r\n?/g, "\n");
  while (rest.length > 0) {
    const { read } = encoder.encodeInto(rest, room);
    let end = read;
    if (end < rest.length) {
      const line = rest.lastIndexOf("\n", end - 1) + 1;
      if (line > end / 2) end = line;
    }
    const part = rest.slice(0, end).replace(/\n$/, "");
    if (part.trim() !== "") parts.push(part);
    rest = rest.slice(end);
  }
  return parts;
}
