import { limits } from "../../protocol/mod.ts";
import { assertNotSelf, EXIT, nameOwners, resolveOne } from "../app/mod.ts";
import { ClientError, type Messenger } from "../core/mod.ts";
import { Acknowledged } from "./acknowledged.ts";

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
  await messenger.settled(); // only a complete table shows which user a name means
  const others = messenger.online.filter(({ own }) => !own);
  assertNotSelf(to, messenger.online, others);
  const user = resolveOne(to, "online", others, nameOwners(to, messenger, others));
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

/** @throws {ClientError} `send-failed` if a line is longer than the protocol allows */
function checkLength(text: string, count: number): void {
  const lines = text.split("\n");
  const long = lines.findIndex((line) => encoder.encode(line).length > limits.lineBytes);
  if (long < 0) return;
  const before = count === 1 ? "nothing was sent" : "what stands before it was sent";
  throw new ClientError(
    "send-failed",
    `expected lines of at most ${limits.lineBytes} bytes, line ${
      count + long
    } is longer; ${before}; ` +
      "`fold -s -w 60000` breaks long lines up",
  );
}
