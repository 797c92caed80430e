import type { ClientErrorCode, Messenger } from "../core/mod.ts";
import { exitCodeOf } from "../app/mod.ts";
import { DEFAULT_TIMEOUT_MS, logIn } from "./find_user.ts";

/** `follow`: stays online and takes what comes, until a signal, or until it can't log in again. */
export async function followCommand(messenger: Messenger): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<ClientErrorCode>();
  const unsubscribe = messenger.subscribe((event) => {
    if (event.type === "error" && event.error.is("reconnect-failed")) {
      resolve(event.error.code);
    }
  });
  try {
    await logIn(messenger, DEFAULT_TIMEOUT_MS);
    return exitCodeOf(await promise);
  } finally {
    unsubscribe();
  }
}
