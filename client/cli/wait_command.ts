import { EXIT, matchFolded } from "../app/mod.ts";
import { ClientError, type Messenger } from "../core/mod.ts";
import { disconnectedError, notInTime } from "./find_user.ts";

/** @throws {ClientError} `not-online` after that time, `server-unreachable` if the server did not answer, or went */
export async function waitCommand(
  messenger: Messenger,
  who: string,
  seconds: number | undefined,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const check = () => {
    const others = [...messenger.users].filter(({ own }) => !own);
    if (matchFolded(who, others).length > 0) resolve(EXIT.done);
  };
  const unsubscribe = messenger.subscribe((event) => {
    if (event.type === "online") check();
    if (event.type === "disconnected") reject(disconnectedError(messenger, event));
  });
  const expire = () => {
    if (messenger.state === "online") return reject(notInTime(who, seconds ?? 0));
    const details = { server: messenger.server, reason: `no answer within ${seconds} s` };
    reject(new ClientError("server-unreachable", details));
  };
  const ready = messenger.login().then(() => messenger.users.ready).then(check);
  const timer = seconds === undefined || seconds === 0
    ? undefined
    : setTimeout(expire, seconds * 1000);
  // No time is a question: only a complete table answers it.
  if (seconds === 0) ready.then(expire, reject);
  try {
    await Promise.race([ready, promise]);
    return await promise;
  } finally {
    clearTimeout(timer);
    unsubscribe();
  }
}
