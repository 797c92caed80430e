import type { Chat } from "../chat.ts";
import { ClientError } from "../errors.ts";
import { clientLimits } from "../limits.ts";

export function chatClosedError({ name }: Chat): ClientError {
  return new ClientError("chat-closed", { reason: "closed", name });
}

/** The user wants another chat, and there is no room for one. */
export function tooManyChatsError(): ClientError {
  return new ClientError("invalid-state", { reason: "too-many-chats", limit: clientLimits.chats });
}

/** A peer has called, and there is no room for another chat. */
export function noRoomError({ name, address }: Pick<Chat, "name" | "address">): ClientError {
  const reason = { reason: "too-many-chats", limit: clientLimits.chats } as const;
  return new ClientError("call-failed", { name, address, reason, others: 0 });
}
