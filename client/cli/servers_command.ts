import { type Emit, EXIT, searchServers } from "../app/mod.ts";
import { openAccount, type Profile } from "../storage/mod.ts";

/** Lists the servers on this network, and logs in at none. */
export async function serversCommand(
  profile: Profile,
  emit: Emit,
  stopped: Promise<number>,
): Promise<number> {
  const alarm = (text: string) => emit({ type: "error", text });
  // Without a folder no server is known; with one that can't be used, all keys would seem unknown.
  const setup = { profile, classic: profile.folder === undefined, alarm };
  const opened = await Promise.race([openAccount(setup), stopped]);
  if (typeof opened === "number") return opened;
  using account = opened;
  const offers = await Promise.race([
    searchServers({ store: account.store, takesAll: true }),
    stopped,
  ]);
  if (typeof offers === "number") return offers;
  offers.forEach((offer, index) => emit({ type: "server-found", number: index + 1, offer }));
  const count = offers.length === 1 ? "1 server" : `${offers.length} servers`;
  emit({ type: "note", text: `${count} found on this network` });
  return EXIT.done;
}
