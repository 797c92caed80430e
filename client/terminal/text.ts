import { displayName, displayText, formatAddress } from "../../protocol/mod.ts";
import type { Chat } from "../core/mod.ts";
import type { ClientEvent } from "../events.ts";

/** How many names are listed when somebody has just logged in. */
const NAMES_LISTED = 10;

/**
 * Events as lines for people. Strings from others pass `displayText` here, and nowhere else on their
 * way to the terminal.
 */
export class TextLines {
  /** Users told of while the table still comes in; undefined once it has. */
  #arriving: string[] | undefined;
  #day: string | undefined;
  /** Whether the connection was lost: who comes back is told only what is different. */
  #lost = false;

  /**
   * The lines that an event is shown as; none for what is better not shown.
   *
   * @param now the time, for the clock before each message and the line at a new day
   * @param current the chat that lines go to
   */
  of(event: ClientEvent, now: Date, current: Chat | undefined): string[] {
    const lines = this.#linesOf(event, now, current).map(displayText);
    return lines.length === 0 ? [] : [...this.#newDay(now), ...lines];
  }

  /** Says who is online, once the table that came with the login is in. */
  arrived(): string[] {
    const names = this.#arriving;
    this.#arriving = undefined;
    if (names === undefined) return [];
    if (names.length === 0) return ["nobody else is online yet"];
    const listed = names.slice(0, NAMES_LISTED).map(displayName).join(", ");
    const more = names.length > NAMES_LISTED ? `, and ${names.length - NAMES_LISTED} more` : "";
    return [`online: ${listed}${more}`, "/talk NAME starts a chat, /help lists the commands"];
  }

  #takeLost(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    return lost;
  }

  #newDay(now: Date): string[] {
    const day = now.toDateString();
    const changed = this.#day !== undefined && this.#day !== day;
    this.#day = day;
    if (!changed) return [];
    const words = new Intl.DateTimeFormat(undefined, { dateStyle: "full" }).format(now);
    return [`--- ${words} ---`];
  }

  #linesOf(event: ClientEvent, now: Date, current: Chat | undefined): string[] {
    const clock = `[${two(now.getHours())}:${two(now.getMinutes())}]`;
    switch (event.kind) {
      case "hosting":
        return [`no server was found: this program runs one now, at ${event.address}`];
      case "connected":
        if (this.#lost) return [];
        this.#arriving = [];
        return [`connected to ${formatAddress(event.address, event.port)}`];
      case "welcome":
        return [`  ${event.text}`];
      case "listening":
        return [];
      case "logged-in":
        return [`you are ${this.#takeLost() ? "back " : ""}online as ${event.name}`];
      case "online":
        if (this.#arriving === undefined) return [`${displayName(event.user.name)} is online`];
        if (!event.user.own) this.#arriving.push(event.user.name);
        return [];
      case "offline": {
        const at = this.#arriving?.indexOf(event.user.name) ?? -1;
        if (at < 0) return [`${displayName(event.user.name)} is offline`];
        this.#arriving?.splice(at, 1);
        return [];
      }
      case "user": {
        const { name, address, port, own } = event.user;
        return [
          `${String(event.number).padStart(4)}  ${displayName(name)} (${
            formatAddress(displayName(address), port)
          })${own ? ", you" : ""}`,
        ];
      }
      case "users":
        return [event.count === 1 ? "1 user online" : `${event.count} users online`];
      case "chat-opened":
        return [opened(event.chat, current)];
      case "message":
        return [`${clock} ${displayName(event.chat.name)}: ${event.text}`];
      case "sent": {
        const to = event.chat === current ? "" : ` to ${displayName(event.chat.name)}`;
        return [`${clock} you${to}: ${event.text}`];
      }
      case "chat-closed":
        return [closed(event.chat, event.by)];
      case "logged-out":
        this.#lost = false;
        return ["you are offline; open chats go on, /login logs in again"];
      case "disconnected":
        this.#lost = true;
        return [
          `${event.reason}; open chats go on, and so do attempts to connect: /logout ends them`,
        ];
      case "error":
        return [`! ${event.text}`];
      case "note":
        return [event.text];
    }
  }
}

function opened(chat: Chat, current: Chat | undefined): string {
  if (chat.by === "me") {
    return `talking to ${displayName(chat.name)}: what you type goes there, /close ends it`;
  }
  const answer = chat === current
    ? "what you type goes there"
    : `/talk ${displayName(chat.name)} to answer`;
  return `${displayName(chat.name)} (${displayName(chat.address)}) is talking to you: ${answer}`;
}

function closed({ name }: Chat, by: "me" | "them" | "lost"): string {
  const shown = displayName(name);
  switch (by) {
    case "me":
      return `the chat with ${shown} is closed`;
    case "them":
      return `${shown} closed the chat; it is inactive`;
    case "lost":
      return `the connection to ${shown} was lost; the chat is inactive`;
  }
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
