import { deadline } from "@std/async/deadline";
import { limits } from "../../protocol/mod.ts";
import { assertConfirmed, assertNotSelf, EXIT, nameOwners, resolveOne } from "../app/mod.ts";
import { type Chat, ClientError, type Message, type Messenger } from "../core/mod.ts";

/** How long a peer may take to acknowledge the oldest message that it was sent, in milliseconds. */
const DELIVERY_TIMEOUT_MS = 10_000;
/** How many messages may be sent and not delivered. */
const MAX_IN_FLIGHT = 256;

const encoder = new TextEncoder();

/**
 * `send`: sends each text to one user, then closes the chat. A user with a key has to acknowledge them.
 *
 * @param texts read as fast as the peer takes them
 */
export async function sendCommand(
  messenger: Messenger,
  to: string,
  texts: AsyncIterable<string> | Iterable<string>,
): Promise<number> {
  await messenger.login();
  await messenger.users.ready; // only a complete table shows which user a name means
  const others = [...messenger.users].filter(({ own }) => !own);
  assertNotSelf(to, [...messenger.users], others);
  const user = resolveOne(to, "online", others, nameOwners(to, messenger, others));
  assertConfirmed(to, user, messenger);
  const chat = await messenger.chats.call(user);
  const inFlight = new Set<Message>();
  let count = 0;
  for await (const text of texts) {
    checkLength(text.split("\n"), ++count);
    if (text.trim() === "") continue;
    const message = await chat.send(text);
    inFlight.add(message);
    message.delivered.then(() => inFlight.delete(message), () => {});
    // If texts are read faster than they arrive, they must not pile up.
    if (inFlight.size > MAX_IN_FLIGHT) await untilDelivered(chat, inFlight, MAX_IN_FLIGHT / 2);
  }
  await untilDelivered(chat, inFlight, 0);
  const delivered = chat.state === "open" && await chat.close();
  if (!delivered) throw new ClientError("chat-closed", { reason: "lost", name: chat.name });
  return EXIT.done;
}

/** @throws {ClientError} `send-failed` if none arrives for too long; they are cancelled then */
async function untilDelivered(
  chat: Chat,
  inFlight: ReadonlySet<Message>,
  most: number,
): Promise<void> {
  for (const message of inFlight) {
    if (inFlight.size <= most) return;
    if (chat.state !== "open") break;
    try {
      await deadline(message.delivered, DELIVERY_TIMEOUT_MS);
    } catch (error) {
      if (error instanceof ClientError) throw error;
      break;
    }
  }
  if (inFlight.size <= most) return;
  const count = inFlight.size;
  // A caller that sees this fail may send it again: it must not go out by itself as well.
  await Promise.all([...inFlight].map((message) => message.cancel()));
  throw new ClientError("send-failed", { reason: "not-acknowledged", name: chat.name, count });
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
