import { type Emit, EXIT, isNotOwner, matchFolded, namesIn } from "../app/mod.ts";
import { ClientError, type Messenger } from "../core/mod.ts";
import { disconnectedError, notInTime, pause } from "./find_user.ts";
import { ServerPatience } from "./server_patience.ts";

/**
 * Waits until a user is online. Within the time that the user has set, a server that can't be reached,
 * falls silent or goes is tried again: it may be about to start.
 *
 * @param emit gets a note if the server can't be reached and is tried again
 * @throws {ClientError} `not-online` after that time, `server-unreachable` if the server does not answer
 */
export async function waitCommand(
  messenger: Messenger,
  who: string,
  seconds: number | undefined,
  emit: Emit = () => {},
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const ended = new AbortController();
  const patience = new ServerPatience(seconds ?? 0, emit);
  const expire = () => {
    if (messenger.state === "online") return reject(notInTime(who, seconds ?? 0));
    const { failure } = patience;
    const reason = failure?.is("server-unreachable")
      ? failure.details.reason
      : `no answer within ${seconds} s`;
    reject(new ClientError("server-unreachable", { server: messenger.server, reason }));
  };
  const check = () => {
    const others = [...messenger.users].filter((user) => !user.own && !isNotOwner(who, user));
    if (matchFolded(who, others).length > 0) resolve(EXIT.done);
  };
  const unsubscribe = messenger.subscribe((event) => {
    if (event.type === "online") check();
    if (event.type === "disconnected") lost(disconnectedError(messenger, event));
  });
  const lost = (error: unknown) => {
    if (ended.signal.aborted || !patience.allows(error)) return reject(error);
    void pause(ended.signal).then(logIn);
  };
  const logIn = async () => {
    if (ended.signal.aborted) return;
    try {
      await messenger.login();
      await messenger.users.lookUp(...namesIn(who));
      await messenger.users.ready;
      check();
      if (seconds === 0) expire(); // no time is a question: only a complete table answers it
    } catch (error) {
      lost(error);
    }
  };
  const timer = seconds === undefined || seconds === 0
    ? undefined
    : setTimeout(expire, seconds * 1000);
  void logIn();
  try {
    return await promise;
  } finally {
    ended.abort();
    clearTimeout(timer);
    unsubscribe();
  }
}
