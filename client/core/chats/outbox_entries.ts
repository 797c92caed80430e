import type { Chat, Message } from "../chat.ts";
import { OutgoingMessage } from "../message.ts";
import { PublicKey } from "../public_key.ts";
import type { Outgoing } from "../store.ts";
import type { Transfer } from "../transfer.ts";
import { messageParts } from "./message_parts.ts";

/** A message that is not delivered, and the parts in which it goes out. */
export interface OutboxEntry {
  readonly message: OutgoingMessage;
  /** The parts that are not acknowledged. */
  readonly parts: Map<string, Outgoing>;
  /** The ids of the parts that were never written. */
  readonly unwritten: Set<string>;
  /** The ids of the parts that were handed to a connection, perhaps in an earlier run. */
  readonly handed: Set<string>;
  /** Whether it is given up once its recipient can't be reached, and is not in the store. */
  readonly isTransient: boolean;
  /** Whether it is in the store: an offer of files is stored with its transfer. */
  readonly isStored: boolean;
  /** Whether it says that the user has a new key: that is no message of the user's. */
  readonly isRotation: boolean;
  /** When it is given up, by `performance.now()`, and the timer that does it. */
  expiresAt?: number;
  timer?: ReturnType<typeof setTimeout> | undefined;
}

/** The parts of a new message for the outbox. */
export type NewEntry =
  & Pick<Outgoing, "id" | "text" | "time" | "name" | "identity" | "reply" | "action">
  & { readonly chat?: Chat; readonly transfer?: Transfer };

/** The messages of the outbox in memory, by their parts and their recipients. */
export class OutboxEntries {
  readonly #entries = new Set<OutboxEntry>();
  readonly #byPart = new Map<string, OutboxEntry>();
  /** The parts for each recipient's key in hex, by id, the oldest first. */
  readonly #byKey = new Map<string, Map<string, Outgoing>>();

  [Symbol.iterator](): Iterator<OutboxEntry> {
    return this.#entries[Symbol.iterator]();
  }

  /** The number of parts. */
  get size(): number {
    return this.#byPart.size;
  }

  get messages(): Message[] {
    return [...this].filter(({ isRotation }) => !isRotation).map(({ message }) => message);
  }

  get recipients(): Uint8Array[] {
    return Array.from(this.#byKey.keys(), (key) => Uint8Array.fromHex(key));
  }

  has(entry: OutboxEntry): boolean {
    return this.#entries.has(entry);
  }

  /** The message that a part belongs to. */
  withPart(id: string): OutboxEntry | undefined {
    return this.#byPart.get(id);
  }

  /** How many parts wait for a key in hex. */
  countFor(key: string): number {
    return this.#byKey.get(key)?.size ?? 0;
  }

  /** Rotations come first: without them the recipient refuses the rest. */
  partsFor(identity: Uint8Array): Outgoing[] {
    const parts = [...this.#byKey.get(identity.toHex())?.values() ?? []];
    const isRotation = ({ rotation }: Outgoing) => rotation !== undefined;
    return [...parts.filter(isRotation), ...parts.filter((part) => !isRotation(part))];
  }

  /** @param cancel what {@linkcode Message.cancel} does */
  add(
    parts: readonly Outgoing[],
    message: NewEntry,
    isTransient: boolean,
    cancel: (entry: OutboxEntry) => Promise<boolean>,
  ): OutboxEntry {
    const entry: OutboxEntry = {
      message: new OutgoingMessage(message, () => cancel(entry)),
      parts: new Map(parts.map((part) => [part.id, part])),
      unwritten: new Set(parts.map(({ id }) => id)),
      handed: new Set(),
      isTransient,
      isStored: !isTransient && parts.every(({ offer }) => offer === undefined),
      isRotation: parts.some(({ rotation }) => rotation !== undefined),
    };
    this.#entries.add(entry);
    for (const part of parts) {
      this.#byPart.set(part.id, entry);
      this.#ofKey(part.identity).set(part.id, part);
    }
    return entry;
  }

  /** Puts a part in the place of the one with its id. */
  replace(entry: OutboxEntry, part: Outgoing): void {
    entry.parts.set(part.id, part);
    this.#ofKey(part.identity).set(part.id, part);
  }

  /** Readdresses the messages that wait for one key to another. */
  followKey(oldKey: Uint8Array, newKey: Uint8Array): void {
    for (const part of this.partsFor(oldKey)) {
      const entry = this.#byPart.get(part.id);
      if (entry === undefined) continue;
      this.replace(entry, { ...part, identity: newKey });
      entry.message.identity = new PublicKey(newKey);
    }
    this.#byKey.delete(oldKey.toHex());
  }

  forgetAll(entry: OutboxEntry): void {
    for (const part of [...entry.parts.keys()]) this.forget(entry, part);
  }

  /** Forgets a part; with the last one the message. */
  forget(entry: OutboxEntry, id: string): void {
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

  #ofKey(identity: Uint8Array): Map<string, Outgoing> {
    return this.#byKey.getOrInsertComputed(identity.toHex(), () => new Map());
  }
}

/** Whether it is no action and no rotation: a text of the user's. */
export function isText({ message, isRotation }: OutboxEntry): boolean {
  return !isRotation && message.action === undefined;
}

/** Whether it is a text of one part with this id. */
export function isWholeText(entry: OutboxEntry | undefined, id: string): entry is OutboxEntry {
  return entry !== undefined && isText(entry) && entry.message.id === id &&
    entry.message.transfer === undefined &&
    entry.parts.size === 1 &&
    messageParts(id, entry.message.text).length === 1;
}
