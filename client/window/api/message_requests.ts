import type { Request } from "../messages.ts";
import { sanitizeLines, type WindowState } from "../state/mod.ts";
import type { Answer, CallRequests } from "./call_requests.ts";

type MessageRequest = Extract<
  Request,
  { readonly type: "edit" | "delete" | "react" | "unreact" | "versions" }
>;

/** The user's requests about a message of a conversation. */
export class MessageRequests {
  readonly #state: WindowState;
  readonly #calls: CallRequests;

  constructor(state: WindowState, calls: CallRequests) {
    this.#state = state;
    this.#calls = calls;
  }

  /**
   * Carries out one of these requests. The changes come as events.
   *
   * @throws {RangeError} if the message is not stored
   * @throws {ClientError} as the methods of a chat
   */
  async handle(request: MessageRequest, answer: Answer): Promise<void> {
    const conversation = this.#state.conversations.get(request.chat);
    const { type, chat, message } = request;
    if (type === "versions") {
      const stored = conversation.storedAt(message);
      const versions = stored === undefined ? [] : this.#state.archive.versions(stored.id);
      const shown = versions.map(({ time, text }) => ({ at: time, text: sanitizeLines(text) }));
      return answer({ type, chat, message, versions: shown });
    }
    const target = conversation.refAt(message);
    const open = await this.#calls.chatFor(conversation);
    switch (type) {
      case "edit":
        await open.edit(target, request.text);
        return;
      case "delete":
        await open.delete(target);
        return;
      case "react":
      case "unreact":
        await open[type](target, request.emoji);
    }
  }
}
