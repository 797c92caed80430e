import { limits } from "../../protocol/mod.ts";
import { Acknowledged } from "./acknowledged.ts";
import { ClientError, type Messenger, type OnlineUser } from "../core/mod.ts";
import type { Emit } from "../app/events.ts";
import { userBadges } from "../app/user_badges.ts";
import { EXIT } from "../app/exit_codes.ts";
import { nameOwners } from "../app/name_owners.ts";
import { assertNotSelf, matchFolded, resolveOne } from "../app/user_query.ts";

const encoder = new TextEncoder();

/** `who`: shows the online table. */
export async function whoCommand(messenger: Messenger, emit: Emit): Promise<number> {
  await loginAndSettle(messenger);
  const users = messenger.online;
  const marks = userBadges(messenger, users);
  users.forEach((user, index) =>
    emit({ type: "user", number: index + 1, user, marks: marks[index] })
  );
  emit({ type: "users", count: users.length });
  return EXIT.done;
}

/**
 * `send`: says each text to one user, then closes the chat. Who has a key has to say that it has them.
 *
 * @param texts read as fast as the peer takes them
 */
export async function sendCommand(
  messenger: Messenger,
  to: string,
  texts: AsyncIterable<string> | Iterable<string>,
): Promise<number> {
  await loginAndSettle(messenger);
  const there = others(messenger);
  assertNotSelf(to, messenger.online, there);
  const user = resolveOne(to, "online", there, nameOwners(to, messenger, there));
  const chat = await messenger.talk(user);
  using acknowledged = new Acknowledged(messenger, chat);
  let count = 0;
  for await (const text of texts) {
    checkLength(text, ++count);
    await messenger.send(chat, text);
    await acknowledged.few();
  }
  if (chat.identity !== undefined) await acknowledged.all();
  const delivered = chat.open && await messenger.close(chat);
  if (!delivered) throw new ClientError("chat-closed", `the connection to ${chat.name} was lost`);
  return EXIT.done;
}

/**
 * `wait`: until a user is online.
 *
 * @param seconds how long at most; undefined for as long as it takes
 * @throws {ClientError} `not-online` after that time, `server-unreachable` where the server goes
 */
export async function waitCommand(
  messenger: Messenger,
  who: string,
  seconds: number | undefined,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const here = () => matchFolded(who, others(messenger)).length > 0 && resolve(EXIT.done);
  const unsubscribe = messenger.subscribe((event) => {
    if (event.type === "online") here();
    if (event.type === "disconnected") reject(new ClientError("server-unreachable", event.reason));
  });
  const late = () =>
    reject(new ClientError("not-online", `${who} was not online within ${seconds} s`));
  const timer = seconds === undefined ? undefined : setTimeout(late, seconds * 1000);
  try {
    await Promise.race([messenger.login().then(here), promise]);
    return await promise;
  } finally {
    clearTimeout(timer);
    unsubscribe();
  }
}

/** Logs in and waits until the table is complete: only then is it clear who is meant by a name. */
async function loginAndSettle(messenger: Messenger): Promise<void> {
  await messenger.login();
  await messenger.settled();
}

/** @throws {ClientError} `send-failed` where a line is longer than any may be */
function checkLength(text: string, count: number): void {
  const lines = text.split("\n");
  const long = lines.findIndex((line) => encoder.encode(line).length > limits.line);
  if (long < 0) return;
  const before = count === 1 ? "nothing was sent" : "what stands before it was sent";
  throw new ClientError(
    "send-failed",
    `expected lines of at most ${limits.line} bytes, line ${count + long} is longer; ${before}; ` +
      "`fold -s -w 60000` breaks long lines up",
  );
}

function others(messenger: Messenger): OnlineUser[] {
  return messenger.online.filter(({ own }) => !own);
}
