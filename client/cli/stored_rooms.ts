import { describeError } from "../app/mod.ts";
import { Messenger, type Rooms } from "../core/mod.ts";
import { IdentityFile, loadIdentity, openStore } from "../storage/mod.ts";

/**
 * The rooms of the key in a data folder, without a login; undefined if there is no key.
 *
 * @param alarm receives a text that the user must see
 * @throws {Error} if they can't be read
 */
export async function withStoredRooms<Result>(
  folder: string,
  alarm: (text: string) => void,
  use: (rooms: Rooms) => Promise<Result>,
): Promise<Result | undefined> {
  if (await new IdentityFile(folder).read() === undefined) return undefined;
  using store = await openStore(folder, alarm);
  const server = { hostname: "localhost", port: 1 }; // it is not called
  const identity = await loadIdentity(folder);
  await using messenger = new Messenger({ name: "rooms", server, identity, store });
  messenger.addEventListener("error", ({ error }) => alarm(describeError(error, "command")));
  await messenger.rooms.ready;
  return await use(messenger.rooms);
}
