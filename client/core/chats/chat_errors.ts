import type { Chat } from "../chat.ts";
import { ClientError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";
import { clientLimits } from "../limits.ts";
import { NoticeCounter } from "../notice_counter.ts";

/** How often calls that find no room are reported at most: others can make any number of them. */
const NO_ROOM_NOTICE_INTERVAL_MS = 10_000;

export function chatClosedError({ name }: Chat): ClientError {
  return new ClientError("chat-closed", { reason: "closed", name });
}

/** The user wants another chat, and there is no room for one. */
export function tooManyChatsError(): ClientError {
  return new ClientError("invalid-state", { reason: "too-many-chats", limit: clientLimits.chats });
}

/** Reports now and then that peers have called, and there is no room for another chat. */
export class NoRoomNotice {
  readonly #events: EventBus;
  readonly #calls = new NoticeCounter(NO_ROOM_NOTICE_INTERVAL_MS);

  constructor(events: EventBus) {
    this.#events = events;
  }

  report({ name, address }: Pick<Chat, "name" | "address">): void {
    const count = this.#calls.add();
    if (count === 0) return;
    const reason = { reason: "too-many-chats", limit: clientLimits.chats } as const;
    const error = new ClientError("call-failed", { name, address, reason, others: count - 1 });
    this.#events.emit({ type: "error", error });
  }
}
