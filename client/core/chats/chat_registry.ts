import { addressBlock, isLoopback, nameKey } from "../../../protocol/mod.ts";
import { oldestOfFullestBlock, oldestOfLargest } from "../largest.ts";
import { clientLimits } from "../limits.ts";
import type { BaseChat } from "./base_chat.ts";

/** All chats, in the order in which they were opened; those closed from here are gone. */
export class ChatRegistry {
  readonly #chats = new Set<BaseChat>();
  /** Connections that are not used any more, and not closed yet. */
  readonly #lingering = new Set<Promise<unknown>>();

  get all(): BaseChat[] {
    return [...this.#chats];
  }

  ofType<Type extends BaseChat>(type: abstract new (...args: never[]) => Type): Type[] {
    return this.all.filter((chat): chat is Type => chat instanceof type);
  }

  /** The open chat with that key, under that name if one is given. */
  openWith(identity: Uint8Array, name?: string): BaseChat | undefined {
    return this.all.find((chat) => chat.isOpen && isWith(chat, identity, name));
  }

  /** Whether there is a chat with that key under that name, open or not. */
  hasWith(identity: Uint8Array, name: string): boolean {
    return this.all.some((chat) => isWith(chat, identity, name));
  }

  has(chat: BaseChat): boolean {
    return this.#chats.has(chat);
  }

  /** Adds one behind the others, if need be in the place of another one. */
  add(chat: BaseChat): void {
    if (chat.direction === "outgoing") this.makeRoomForOwn();
    else this.makeRoom();
    this.#chats.add(chat);
  }

  /** Removes one, which gets no more messages. Returns false if it is not among them. */
  delete(chat: BaseChat): boolean {
    chat.release();
    return this.#chats.delete(chat);
  }

  /** Whether one more may be added, if need be in the place of the oldest inactive one. */
  makeRoom(): boolean {
    if (this.#chats.size < clientLimits.chats) return true;
    for (const chat of this.#chats) if (!chat.isOpen) return this.delete(chat);
    return false;
  }

  /** The same for a chat that the user wants: if need be, one that a stranger has opened makes room. */
  makeRoomForOwn(): boolean {
    if (this.makeRoom()) return true;
    const oldest = oldestOfFullestBlock(this.all.filter(({ isStranger }) => isStranger));
    void oldest?.close();
    return oldest !== undefined;
  }

  /**
   * Adds a chat that a stranger has opened; if there are many of that block, the oldest one goes of the address
   * there that has most.
   */
  addStranger(chat: BaseChat): void {
    const block = addressBlock(chat.address);
    const others = this.all.filter(({ isStranger, isOpen, address }) =>
      isStranger && isOpen && addressBlock(address) === block
    );
    const isFull = others.length >= clientLimits.strangerChats && !isLoopback(chat.address);
    if (isFull) void oldestOfLargest(others, ({ address }) => address)?.close();
    chat.isStranger = true;
    this.add(chat);
  }

  /** Remembers a connection that is about to close in good order. */
  linger(closing: Promise<unknown>): void {
    this.#lingering.add(closing);
    void closing.finally(() => this.#lingering.delete(closing));
  }

  async lingered(): Promise<void> {
    await Promise.all(this.#lingering);
  }
}

function isWith(chat: BaseChat, identity: Uint8Array, name: string | undefined): boolean {
  return chat.identity?.equals(identity) === true &&
    (name === undefined || nameKey(chat.name) === nameKey(name));
}
