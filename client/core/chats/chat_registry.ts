import { ClassicChat } from "./chat.ts";
import { SecureChat } from "./secure_chat.ts";
import { clientLimits } from "../limits.ts";

/** All chats, in the order in which they were opened; those closed from here are gone. */
export class ChatRegistry {
  readonly #chats = new Set<ClassicChat | SecureChat>();

  /** All of them. */
  get all(): (ClassicChat | SecureChat)[] {
    return [...this.#chats];
  }

  /** Those with whoever has this key. */
  with(identity: Uint8Array): SecureChat[] {
    const key = identity.toHex();
    return this.secure.filter((chat) => chat.identity.toHex() === key);
  }

  /** Those with somebody who has a key. */
  get secure(): SecureChat[] {
    return this.all.filter((chat) => chat instanceof SecureChat);
  }

  /** Those in classic MIM. */
  get classic(): ClassicChat[] {
    return this.all.filter((chat) => chat instanceof ClassicChat);
  }

  /** Whether this chat is among them. */
  has(chat: ClassicChat | SecureChat): boolean {
    return this.#chats.has(chat);
  }

  /** Puts one in, behind the others. */
  add(chat: ClassicChat | SecureChat): void {
    this.#chats.add(chat);
  }

  /** Takes one out. */
  delete(chat: ClassicChat | SecureChat): void {
    this.#chats.delete(chat);
  }

  /** Whether one more may be held, if need be in the place of the oldest inactive one. */
  makeRoom(): boolean {
    if (this.#chats.size < clientLimits.chats) return true;
    for (const chat of this.#chats) if (!chat.open) return this.#chats.delete(chat);
    return false;
  }
}
