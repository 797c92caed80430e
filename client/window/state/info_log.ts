import { displayText, formatAddress } from "../../../protocol/mod.ts";
import { adviceFor } from "../../app/advice.ts";
import { aboutCall } from "../../app/callers.ts";
import { type Chat, ClientError } from "../../core/mod.ts";
import type { ClientEvent } from "../../app/events.ts";
import type { InfoLine } from "../api/messages.ts";

/** How many lines the info area holds. */
const MOST = 300;

/** The info area: the welcome, connections, errors. */
export class Info {
  readonly #lines: InfoLine[] = [];
  #last = 0;

  /** All lines, the oldest first. */
  get lines(): readonly InfoLine[] {
    return this.#lines;
  }

  /** Puts a line at the end. */
  add(kind: InfoLine["kind"], text: string): InfoLine {
    const line = { id: ++this.#last, at: Date.now(), kind, text: displayText(text) };
    this.#lines.push(line);
    if (this.#lines.length > MOST) this.#lines.shift();
    return line;
  }
}

/**
 * What the info area says of an event; undefined where that shows elsewhere.
 *
 * @param whereOf where a chat's peer is, as it is shown
 */
export function infoOf(
  event: ClientEvent,
  whereOf: (chat: Chat) => string,
): Pick<InfoLine, "kind" | "text"> | undefined {
  const info = (text: string) => ({ kind: "info", text }) as const;
  switch (event.kind) {
    case "welcome":
      return { kind: "welcome", text: event.text };
    case "error":
      return { kind: "error", text: withoutCommands(event.text) };
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
        kind: "error",
        text: `${event.reason}; open chats go on, and it tries to come back`,
      };
    case "chat-opened": {
      const { name, by } = event.chat;
      const where = whereOf(event.chat);
      return info(by === "me" ? `You called ${name} (${where})` : `${name} (${where}) calls you`);
    }
    case "chat-closed":
      return info(whyClosed(event.chat.name, event.by));
    case "call-gone":
    case "calls-refused":
      return info(aboutCall(event));
    default:
      return undefined;
  }
}

/** What went wrong, and what to do about it in a window. */
export function inWords(error: Error): string {
  if (!(error instanceof ClientError)) return error.message;
  const advice = error.refusal === undefined ? adviceFor(error.code, "window") : "";
  return withoutCommands(error.message) + advice;
}

/** What went wrong, without the commands of the terminal that may help: here are buttons for that. */
function withoutCommands(text: string): string {
  return text.replace(/; (if that is how it should be, \/trust|\/verify) .*$/s, "");
}

/** Why a chat is inactive, in words. */
export function whyClosed(name: string, by: "me" | "them" | "lost"): string {
  switch (by) {
    case "me":
      return `You closed the chat with ${name}`;
    case "them":
      return `${name} closed the chat`;
    case "lost":
      return `The connection to ${name} was lost`;
  }
}
