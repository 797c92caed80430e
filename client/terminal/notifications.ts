import { sanitizeName, sanitizeText } from "../../protocol/mod.ts";
import { allowedEnv } from "../../server/platform/cli/env.ts";
import type { ActiveChat, ClientEvent } from "../app/mod.ts";
import type { Settings } from "../storage/mod.ts";

/** Whoever talks much is heard, and seen, so often at most: in milliseconds. */
const NOTIFICATION_INTERVAL_MS = 2_000;
/** How much of a message a notification shows, in UTF-16 units. */
const MAX_NOTIFICATION_LENGTH = 100;

type InFront = Pick<ActiveChat, "current" | "unread">;

/**
 * What tells of messages to whoever does not look: the window's title (OSC 2, xterm's control
 * sequences), the bell, and where the user wants it a notification of the desktop (OSC 9, or OSC 777
 * where the terminal knows that one).
 */
export class Notifications {
  readonly #write: (bytes: string) => void;
  #title = "";
  #toldAt = -Infinity;

  /** @param write writes to the terminal what moves no cursor */
  constructor(write: (bytes: string) => void) {
    this.#write = write;
  }

  /** Has the terminal remember its title. */
  start(): void {
    this.#write("\x1b[22;2t");
  }

  /** Gives the terminal its title back. */
  end(): void {
    this.#write("\x1b]2;\x1b\\\x1b[23;2t"); // some remember none
  }

  /** Tells of an event, where it concerns a chat that is not in front. */
  seen(event: ClientEvent, front: InFront, settings: Settings): void {
    this.#setTitle(front);
    const elsewhere = (event.type === "message" && event.chat !== front.current) ||
      (event.type === "chat-opened" && event.chat.direction === "incoming");
    if (!elsewhere || performance.now() - this.#toldAt < NOTIFICATION_INTERVAL_MS) return;
    this.#toldAt = performance.now();
    if (settings.bell) this.#write("\x07");
    if (!settings.notify) return;
    const text = event.type === "message" ? event.message.text : "is talking to you";
    this.#write(notification(event.chat.name, text));
  }

  /** `(3) bob: MIM`: what is unread, and the chat that is in front. */
  #setTitle({ current, unread }: InFront): void {
    const count = [...unread.values()].reduce((sum, each) => sum + each, 0);
    const name = current === undefined ? "" : `${sanitizeText(sanitizeName(current.name))}: `;
    const title = `${count === 0 ? "" : `(${count}) `}${name}MIM`;
    if (title === this.#title) return;
    this.#title = title;
    this.#write(`\x1b]2;${title}\x1b\\`);
  }
}

/** The sequence by which a terminal has the desktop notify. Semicolons would end a field. */
function notification(name: string, text: string): string {
  const field = (text: string) =>
    sanitizeText(text).replaceAll(";", ",").slice(0, MAX_NOTIFICATION_LENGTH);
  const from = field(sanitizeName(name));
  const knows777 = /^(rxvt|foot)/.test(allowedEnv("TERM") ?? "");
  return knows777
    ? `\x1b]777;notify;${from};${field(text)}\x1b\\`
    : `\x1b]9;${from}: ${field(text)}\x1b\\`;
}
