import type { ClientErrorCode, Messenger } from "../core/mod.ts";
import { exitCodeOf, isRoomQuery } from "../app/mod.ts";
import { DEFAULT_TIMEOUT_MS, logIn } from "./find_user.ts";
import { joinedRoom, joinLobby } from "./room_delivery.ts";

/**
 * `follow`: stays online and takes what comes, until a signal, or until it can't log in again.
 *
 * @param who whose messages are taken: a user's or a room's; everybody's by default
 * @throws {ClientError} if the user is in no such room
 */
export async function followCommand(messenger: Messenger, who?: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<ClientErrorCode>();
  const unsubscribe = messenger.subscribe((event) => {
    if (event.type === "error" && event.error.is("reconnect-failed")) {
      resolve(event.error.code);
    }
  });
  try {
    const isRoom = who !== undefined && isRoomQuery(who);
    const room = isRoom ? await joinedRoom(messenger, who) : undefined;
    await logIn(messenger, DEFAULT_TIMEOUT_MS);
    if (room !== undefined) await joinLobby(messenger, room);
    return exitCodeOf(await promise);
  } finally {
    unsubscribe();
  }
}
