import { type Chat, ClientError, type Messenger, type OnlineUser } from "../core/mod.ts";
import { describeUnignore } from "./call_messages.ts";
import { sentence } from "./describe_error.ts";
import { describeQueueing } from "./send_target.ts";
import type { UserResolver } from "./user_resolver.ts";

/**
 * Calls a user. If a contact can't be reached, says so, and returns the chat whose messages wait.
 *
 * @throws {ClientError} as {@linkcode Chats.call}
 */
export async function reachUser(
  { messenger, users, note }: {
    readonly messenger: Messenger;
    readonly users: UserResolver;
    readonly note: (text: string) => void;
  },
  user: OnlineUser,
  signal?: AbortSignal,
): Promise<Chat> {
  try {
    return await messenger.chats.call(user, { signal });
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const contact = error.code === "peer-unreachable" ? users.contact(user) : undefined;
    if (contact !== undefined) {
      note(`${sentence(error)}; ${describeQueueing(user.name)}`);
      return messenger.chats.with(contact);
    }
    if (error.code !== "ignored") throw error;
    const how = describeUnignore(user, messenger.calls.ignored);
    const message = `${error.message}; ${how} undoes this`;
    throw new ClientError(error.code, error.details, { cause: error, message });
  }
}
