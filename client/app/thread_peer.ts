import { nameKey } from "../../protocol/mod.ts";
import type { Messenger } from "../core/mod.ts";

/** The peer with whom a conversation of the history is. */
export interface ThreadPeer {
  readonly name: string;
  /** The public key; undefined in classic MIM. */
  readonly identity?: Uint8Array | undefined;
}

/** The name by which a key is known: the present one if the key is known by that, too. */
export function contactName(
  { trust }: Pick<Messenger, "trust">,
  { name, identity }: ThreadPeer,
): string | undefined {
  const names = trust.contacts.filter((contact) => contact.identity.equals(identity))
    .map((contact) => contact.name);
  return names.includes(name) ? name : names[0];
}

/** Whether there is a chat with that key and name, and nothing confirms that they go together. */
export function isUnconfirmed(
  { chats }: Pick<Messenger, "chats">,
  { name, identity }: ThreadPeer,
): boolean {
  return [...chats].some((chat) =>
    chat.security === "unconfirmed" && chat.identity?.equals(identity) === true &&
    nameKey(chat.name) === nameKey(name)
  );
}
