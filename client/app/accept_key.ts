import type { Messenger } from "../core/mod.ts";
import type { MessageArchive } from "./message_archive.ts";

/**
 * Takes the key that a name has now: see {@linkcode Trust.acceptKey}. The history with a contact who goes by
 * another name from now on goes with them.
 */
export async function acceptKey(
  { trust }: Pick<Messenger, "trust">,
  archive: MessageArchive | undefined,
  name: string,
): Promise<void> {
  const before = new Map(trust.contacts.map(({ identity, name }) => [identity.toHex(), name]));
  await trust.acceptKey(name);
  for (const { identity, name: now } of trust.contacts) {
    const was = before.get(identity.toHex());
    if (was !== undefined && was !== now) archive?.renameThread(was, now);
  }
}
