import { type ClientEvent, describeCall, displayName } from "../../app/mod.ts";
import type { Pin } from "../../core/mod.ts";
import { formatAddress, sanitizeText } from "../../../protocol/mod.ts";
import type { InfoLine } from "../messages.ts";
import { formatChatAddress } from "./view_rows.ts";

const MAX_LINES = 300;

/** The info log: the welcome, connections, errors. */
export class InfoLog {
  onLine: ((line: InfoLine) => void) | undefined;
  readonly #lines: InfoLine[] = [];
  #lastId = 0;

  get lines(): readonly InfoLine[] {
    return this.#lines;
  }

  add(type: InfoLine["type"], text: string): void {
    const line = { id: ++this.#lastId, at: Date.now(), type, text: sanitizeText(text) };
    this.#lines.push(line);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    this.onLine?.(line);
  }
}

/** The info log's line about an event; undefined if the event is shown elsewhere. */
export function describeEvent(
  event: ClientEvent,
  contacts: readonly Pin[],
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
      return info(`No server was found, so this window runs one at ${event.address}`);
    case "connected":
      return info(`Connected to ${formatAddress(event.address, event.port)}`);
    case "logged-in":
      return info(`You are online as ${event.name}`);
    case "logged-out":
      return info("You are offline. Open chats stay open");
    case "disconnected":
      return {
        type: "error",
        text: `Disconnected: ${event.reason}. Open chats stay open, and MIM reconnects`,
      };
    case "chat-opened": {
      const { name, direction } = event.chat;
      const where = formatChatAddress(event.chat, contacts);
      return info(
        direction === "outgoing"
          ? `You called ${displayName(name)} (${where})`
          : `${displayName(name)} (${where}) started a chat with you`,
      );
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

export function describeClose(name: string, by: "me" | "them" | "lost"): string {
  switch (by) {
    case "me":
      return `You closed the chat with ${displayName(name)}`;
    case "them":
      return `${displayName(name)} closed the chat`;
    case "lost":
      return `The connection to ${displayName(name)} was lost`;
  }
}
