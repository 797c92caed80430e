import { limits } from "../../protocol/mod.ts";
import { assertConfirmed, type Emit, EXIT, isRoomQuery } from "../app/mod.ts";
import { ClientError, type Messenger, type OnlineUser } from "../core/mod.ts";
import { Delivery, type DeliveryLimits } from "./delivery.ts";
import type { SendCommandOptions } from "./options.ts";
import { DEFAULT_TIMEOUT_MS, findUser, isAway, waitForUser } from "./find_user.ts";
import { recipientsIn } from "./recipients.ts";
import { RoomDelivery } from "./room_delivery.ts";
import { logInPatiently } from "./server_patience.ts";

const encoder = new TextEncoder();

/**
 * `send`: sends each text to everyone who is named, then closes the chats. A user with a key has to
 * acknowledge them; of a room, one member.
 *
 * @param to WHO or `#ROOM`, or several with commas between them
 * @param texts read as fast as the slowest peer takes them
 * @param onError gets what goes wrong for the others, if it goes wrong for several
 * @param emit gets what was sent to rooms, and a note if the server is waited for
 * @throws {ClientError} what goes wrong for the first of them
 */
export async function sendCommand(
  messenger: Messenger,
  to: string,
  texts: AsyncIterable<string> | readonly string[],
  { queues = false, waitSeconds, timeoutSeconds }: SendCommandOptions = {},
  onError: (error: ClientError) => void = () => {},
  emit: Emit = () => {},
): Promise<number> {
  const timeoutMs = timeoutSeconds === undefined ? DEFAULT_TIMEOUT_MS : timeoutSeconds * 1000;
  const start = performance.now();
  await logInPatiently(messenger, timeoutMs, waitSeconds ?? 0, emit);
  const loginMs = performance.now() - start;
  const names = recipientsIn(to);
  const errors = new Map<string, ClientError>();
  const users = new Map<string, OnlineUser | undefined>();
  await forEach(names, errors, async (name) => {
    if (isRoomQuery(name)) return;
    users.set(name, await resolve(messenger, name, queues, waitSeconds, loginMs));
  });
  const waitedMs = waitSeconds === undefined ? 0 : performance.now() - start;
  const endsAt = Array.isArray(texts) ? start + waitedMs + timeoutMs : undefined;
  const limits: DeliveryLimits = { timeoutMs, endsAt, queues };
  const deliveries = new Map<string, Delivery | RoomDelivery>();
  await forEach(names, errors, (name) => {
    if (errors.has(name)) return;
    deliveries.set(
      name,
      isRoomQuery(name)
        ? new RoomDelivery(messenger, name, limits, emit)
        : new Delivery(messenger, name, users.get(name), limits),
    );
  });
  const toEach = (act: (delivery: Delivery | RoomDelivery) => Promise<void>) =>
    forEach(deliveries.keys(), errors, async (name) => {
      const delivery = deliveries.get(name);
      if (delivery !== undefined && !errors.has(name)) await act(delivery);
    });
  await toEach((delivery) => delivery.begin());
  let count = 0;
  if (errors.size < names.length) {
    for await (const text of texts) {
      checkLength(text.split("\n"), ++count);
      if (text.trim() === "") continue;
      await toEach((delivery) => delivery.send(text));
      if (errors.size === names.length) break;
    }
    await toEach((delivery) => delivery.finish());
  }
  const [first, ...others] = names.flatMap((name) => errors.get(name) ?? []);
  others.forEach(onError);
  if (first !== undefined) throw first;
  return EXIT.done;
}

/** Does something for each name at once, and remembers the names for which it failed. */
async function forEach(
  names: Iterable<string>,
  errors: Map<string, ClientError>,
  act: (name: string) => void | Promise<void>,
): Promise<void> {
  await Promise.all(Array.from(names, async (name) => {
    try {
      await act(name);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      errors.set(name, error);
    }
  }));
}

/** The user of that name; undefined if that is nobody who is online, and the texts may wait. */
async function resolve(
  messenger: Messenger,
  name: string,
  queues: boolean,
  waitSeconds: number | undefined,
  loginMs: number,
): Promise<OnlineUser | undefined> {
  try {
    const user = waitSeconds === undefined
      ? await findUser(messenger, name)
      : await waitForUser(messenger, name, waitSeconds, waitSeconds * 1000 - loginMs);
    assertConfirmed(name, user, messenger);
    return user;
  } catch (error) {
    if (!queues || !isAway(error)) throw error;
    return undefined;
  }
}

/** @throws {ClientError} `send-failed` if a line is longer than the protocol allows */
function checkLength(lines: string[], count: number): void {
  const long = lines.findIndex((line) => encoder.encode(line).length > limits.lineBytes);
  if (long < 0) return;
  const before = count === 1 ? "nothing was sent" : "the lines before it were sent";
  const text = `Line ${count + long} is longer than ${limits.lineBytes} bytes`;
  const message = `${text}; ${before}; \`fold -s -w 60000\` breaks long lines up`;
  throw new ClientError("send-failed", { reason: "invalid-text", text }, { message });
}
