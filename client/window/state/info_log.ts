import { type ClientEvent, describeCall } from "../../app/mod.ts";
import type { Chat } from "../../core/mod.ts";
import { formatAddress, sanitizeText } from "../../../protocol/mod.ts";
import type { InfoLine } from "../messages.ts";

/** How many lines the info area holds. */
const MAX_LINES = 300;

/** The info area: the welcome, connections, errors. */
export class InfoLog {
  readonly #lines: InfoLine[] = [];
  #last = 0;

  /** All lines, the oldest first. */
  get lines(): readonly InfoLine[] {
    return this.#lines;
  }

  /** Puts a line at the end. */
  add(type: InfoLine["type"], text: string): InfoLine {
    const line = { id: ++this.#last, at: Date.now(), type, text: sanitizeText(text) };
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    return line;
  }
}

/**
 * What the info area says of an event; undefined where that shows elsewhere.
 *
 * @param whereOf where a chat's peer is, as it is shown
 */
export function describeEvent(
  event: ClientEvent,
  whereOf: (chat: Chat) => string,
): Pick<InfoLine, "type" | "text"> | undefined {
  const info = (text: string) => ({ type: "info", text }) as const;
  switch (event.type) {
    case "welcome":
      return { type: "welcome", text: event.text };
    case "error":
      return { type: "error", text: event.text };
    case "note":
      return info(event.text);
    case "hosting":
      return info(`No server was found, so this window runs one, at ${event.address}`);
    case "connected":
      return info(`Connected to ${formatAddress(event.address, event.port)}`);
    case "logged-in":
      return info(`You are online as ${event.name}`);
    case "logged-out":
      return info("You are offline; open chats go on");
    case "disconnected":
      return {
        type: "error",
        text: `${event.reason}; open chats go on, and it tries to come back`,
      };
    case "chat-opened": {
      const { name, by } = event.chat;
      const where = whereOf(event.chat);
      return info(by === "me" ? `You called ${name} (${where})` : `${name} (${where}) calls you`);
    }
    case "chat-closed":
      return info(describeClose(event.chat.name, event.by));
    case "call-ended":
    case "calls-rejected":
      return info(describeCall(event));
    default:
      return undefined;
  }
}

/** Why a chat is inactive, in words. */
export function describeClose(name: string, by: "me" | "them" | "lost"): string {
  switch (by) {
    case "me":
      return `You closed the chat with ${name}`;
    case "them":
      return `${name} closed the chat`;
    case "lost":
      return `The connection to ${name} was lost`;
  }
}
