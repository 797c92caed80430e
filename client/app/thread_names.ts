import { keyTag, nameKey } from "../../protocol/mod.ts";
import type { Chat, Contact } from "../core/mod.ts";

/** The peer with whom a conversation of the history is. */
export interface ThreadPeer {
  readonly name: string;
  /** The public key; undefined in classic MIM. */
  readonly identity?: Uint8Array | undefined;
}

/** The contacts and chats of a messenger. */
interface Acquaintances {
  readonly trust: { readonly contacts: readonly Pick<Contact, "name" | "identity">[] };
  readonly chats: Iterable<Pick<Chat, "name" | "identity" | "security">>;
}

/** The names under which the history is stored: one for each person, whatever name that person has now. */
export class ThreadNames {
  /** The messenger with the contacts and chats; without it each peer's own name is used. */
  messenger: Acquaintances | undefined;
  readonly #onOtherName: (thread: string, otherName: string) => void;
  /** The other names of contacts that were reported in this run, by thread. */
  readonly #otherNames = new Map<string, string>();

  /** @param onOtherName called if a contact goes by another name than that of the thread */
  constructor(onOtherName: (thread: string, otherName: string) => void) {
    this.#onOtherName = onOtherName;
  }

  /** Whether a key is that of a contact. */
  isContact(identity: Uint8Array): boolean {
    return this.messenger?.trust.contacts.some((contact) => contact.identity.equals(identity)) ??
      false;
  }

  /**
   * Whether there is a chat with that key and name, and nothing confirms that they go together: then the key
   * has a history of its own.
   */
  isUnconfirmed({ name, identity }: ThreadPeer): boolean {
    return [...this.messenger?.chats ?? []].some((chat) =>
      chat.security === "unconfirmed" && chat.identity?.equals(identity) === true &&
      nameKey(chat.name) === nameKey(name)
    );
  }

  /** The name of the contact with the peer's key. If nothing confirms a name, the tag of the key follows it. */
  of({ name, identity }: ThreadPeer): string {
    if (identity === undefined) return name;
    const contact = this.#contactName({ name, identity });
    if (contact !== undefined) {
      if (contact !== name) this.#reportName(contact, name);
      return contact;
    }
    if (!this.isUnconfirmed({ name, identity })) return name;
    const tag = keyTag(identity);
    return name.endsWith(`~${tag}`) ? name : `${name}~${tag}`;
  }

  /** The name by which a key is known: the present one if the key is known by that, too. */
  #contactName({ name, identity }: ThreadPeer): string | undefined {
    const names = (this.messenger?.trust.contacts ?? [])
      .filter((contact) => contact.identity.equals(identity))
      .map((contact) => contact.name);
    return names.includes(name) ? name : names[0];
  }

  #reportName(thread: string, otherName: string): void {
    if (this.#otherNames.get(thread) === otherName) return;
    this.#otherNames.set(thread, otherName);
    this.#onOtherName(thread, otherName);
  }
}
