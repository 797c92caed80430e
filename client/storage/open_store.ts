import type { Store } from "../core/mod.ts";
import { createDataDir } from "./data_dir.ts";

/**
 * Opens the store in a data folder, or creates both: the keys that were met, and the messages that wait to
 * be delivered. Several programs may use it at once.
 *
 * @param onDamage receives a text for the user if the file is damaged: then a new one takes its place
 *
 * @example A bot that remembers between two runs
 * ```ts
 * import { loadIdentity, Messenger, openStore } from "@mim/mim";
 *
 * const folder = await Deno.makeTempDir(); // use a folder that stays
 * using store = await openStore(folder);
 * const server = { hostname: "192.0.2.7", port: 4242 };
 * await using _bot = new Messenger({ name: "bot", server, identity: await loadIdentity(folder), store });
 * ```
 *
 * @throws {Error} if the file can't be opened, or a newer MIM has written it
 */
export async function openStore(
  folder: string,
  onDamage: (text: string) => void = console.error,
): Promise<Store & Disposable> {
  await createDataDir(folder);
  const { SqliteStore } = await import("./contacts/mod.ts"); // loaded only here: it starts slowly
  return await SqliteStore.open(`${folder}/contacts.db`, { alarm: onDamage });
}
