import { deadline } from "@std/async/deadline";
import { equals } from "@std/bytes/equals";
import {
  hasRotatedTo,
  type KeyRotation,
  MAX_ROTATIONS,
  type RotationMessage,
  rotationsTo,
} from "../../../protocol/mod.ts";
import { storageError } from "../errors.ts";
import { clientLimits } from "../limits.ts";
import type { SecureConnection } from "../peer/mod.ts";
import type { KeyedComponents } from "./chat_components.ts";
import { SecureChat } from "./secure_chat.ts";

/** New keys of contacts: their pins follow them once the old keys have signed them. */
export class Rotations {
  readonly #components: KeyedComponents;
  readonly #messages = new WeakMap<SecureConnection, RotationMessage[]>();

  constructor(components: KeyedComponents) {
    this.#components = components;
  }

  /**
   * Gives a caller with another key than the pinned one a moment to show that the old one has signed it.
   * Nothing else is taken meanwhile.
   *
   * @returns the names whose pins have moved to the new key
   */
  async hold(connection: SecureConnection, pinned: Uint8Array): Promise<string[]> {
    try {
      return await deadline(this.#read(connection, pinned), clientLimits.rotationTimeoutMs);
    } catch {
      return []; // it is refused
    }
  }

  async #read(connection: SecureConnection, pinned: Uint8Array): Promise<string[]> {
    const { identity } = connection.peer;
    for (;;) {
      const message = await connection.next();
      if (message?.type !== "rotation") return [];
      const messages = this.#add(connection, message);
      if (messages === undefined) return [];
      if (!equals(message.rotation.newKey, identity)) continue; // the next one goes on from there
      const rotations = messages.map(({ rotation }) => rotation);
      return hasRotatedTo(pinned, identity, rotations)
        ? await this.#follow(connection, rotations, messages)
        : [];
    }
  }

  /** A peer with whom a chat is open says that its key follows another one. */
  async take(connection: SecureConnection, message: RotationMessage): Promise<void> {
    const { identity } = connection.peer;
    const messages = this.#add(connection, message);
    if (messages === undefined || !equals(message.rotation.newKey, identity)) return;
    const rotations = messages.map(({ rotation }) => rotation);
    const names = await this.#follow(connection, rotations, messages);
    this.announce(connection, names);
  }

  /** The same for a peer that was called and has shown its rotations at once. */
  followIntroduced(connection: SecureConnection): Promise<string[]> {
    return this.#follow(connection, connection.peer.rotations ?? [], []);
  }

  /** Reports the new key, in the chat if one is open. */
  announce({ peer: { identity } }: SecureConnection, names: readonly string[]): void {
    const { registry, events } = this.#components;
    for (const name of names) {
      const chat = registry.openWith(identity, name);
      events.emit({ type: "key-rotated", name, by: "them", ...chat !== undefined && { chat } });
    }
  }

  #add(connection: SecureConnection, message: RotationMessage): RotationMessage[] | undefined {
    const messages = this.#messages.get(connection) ?? [];
    if (messages.length >= MAX_ROTATIONS) return undefined;
    messages.push(message);
    this.#messages.set(connection, messages);
    return messages;
  }

  /** Moves everything from the earlier keys to the proven one, then acknowledges it. */
  async #follow(
    connection: SecureConnection,
    rotations: readonly KeyRotation[],
    messages: readonly RotationMessage[],
  ): Promise<string[]> {
    const { store, pins, outbox, registry, screener, events, keys } = this.#components;
    const { identity } = connection.peer;
    const chain = rotationsTo(identity, rotations);
    const olds = chain.map(({ oldKey }) => oldKey).filter((key) => !equals(key, identity));
    const address = connection.remote.hostname;
    const isIgnored = [identity, ...olds].some((key) => {
      const name = pins.findKey(key)?.name ?? connection.peer.name;
      return screener.isIgnored({ name, address, identity: key });
    });
    if (olds.length === 0 || isIgnored || equals(identity, keys.identity)) return [];
    const names = olds.flatMap((key) => pins.all.filter((pin) => equals(pin.identity, key)))
      .map(({ name }) => name);
    try {
      for (const oldKey of olds) {
        await store.rotateKey(oldKey, identity);
        await outbox.followKey(oldKey, identity);
        this.#components.files.followKey(oldKey, identity);
      }
      await pins.refresh();
    } catch (error) {
      events.emit({ type: "error", error: storageError({ what: "contents" }, error) });
      return []; // not acknowledged, it comes again
    }
    for (const chat of registry.ofType(SecureChat)) {
      if (olds.some((key) => equals(chat.identity, key))) chat.followKey(identity);
    }
    for (const { id } of messages) connection.say({ type: "received", id }).catch(() => {});
    return names;
  }
}
