import { displayName, displayRoom, sanitizeText, sliceGraphemes } from "../../protocol/mod.ts";
import { allowedEnv } from "../../server/platform/cli/env.ts";
import { type ActiveChat, type ClientEvent, mentions } from "../app/mod.ts";
import type { Chat } from "../core/mod.ts";
import type { Settings } from "../storage/mod.ts";

/** The shortest time between two notifications, in milliseconds. */
const NOTIFICATION_INTERVAL_MS = 2_000;
/** The first message of a chat that was notified of comes within this time as a rule, in milliseconds. */
const FIRST_MESSAGE_MS = 30_000;
/** How much of a message a notification shows, in UTF-16 units. */
const MAX_NOTIFICATION_LENGTH = 100;

type InFront = Pick<ActiveChat, "current" | "unread"> & Partial<Pick<ActiveChat, "room">>;

/**
 * Notifies a user who is not looking: by the terminal's title (OSC 2), the bell, and if the user
 * wants it by a desktop notification (OSC 9, or OSC 777 if the terminal knows it).
 */
export class Notifications {
  readonly #write: (bytes: string) => void;
  #title = "";
  #notifiedAt = -Infinity;
  /** The chats whose opening was notified of, and when: their first message is no other news. */
  readonly #opened = new WeakMap<Chat, number>();

  /** @param write writes to the terminal without moving the cursor */
  constructor(write: (bytes: string) => void) {
    this.#write = write;
  }

  /** Saves the title of the terminal. */
  start(): void {
    this.#write("\x1b[22;2t");
  }

  /** Restores the title of the terminal. */
  end(): void {
    this.#write("\x1b]2;\x1b\\\x1b[23;2t"); // some terminals save none
  }

  /** Notifies of an event, if it is not about the current chat. */
  notify(event: ClientEvent, front: InFront, settings: Settings): void {
    this.#setTitle(front);
    if (event.type === "room-message") return this.#notifyOfRoom(event, front, settings);
    const elsewhere = (event.type === "message" && event.chat !== front.current) ||
      (event.type === "chat-opened" && event.chat.direction === "incoming");
    if (!elsewhere) return;
    const now = performance.now();
    const openedAt = this.#opened.get(event.chat) ?? -Infinity;
    this.#opened.delete(event.chat);
    if (event.type === "message" && now - openedAt < FIRST_MESSAGE_MS) return;
    const text = event.type === "message" ? event.message.text : "started a chat with you";
    const hasRung = this.#ring(displayName(event.chat.name), text, settings);
    if (hasRung && event.type === "chat-opened") this.#opened.set(event.chat, now);
  }

  /** A room rings if somebody says the user's name there, or for each message if the user wants that. */
  #notifyOfRoom(
    { room, message: { author, text } }: Extract<ClientEvent, { readonly type: "room-message" }>,
    front: InFront,
    settings: Settings,
  ): void {
    const own = room.members.find(({ isOwn }) => isOwn)?.name ?? "";
    const isMention = mentions(text, own);
    const isWanted = settings.rooms === "all" && room !== front.room;
    if (settings.rooms === "off" || !isMention && !isWanted) return;
    this.#ring(`${displayRoom(room.label)} ${displayName(author.name)}`, text, settings);
  }

  /** Whether it is long enough ago that something rang. */
  #ring(from: string, text: string, settings: Settings): boolean {
    if (performance.now() - this.#notifiedAt < NOTIFICATION_INTERVAL_MS) return false;
    this.#notifiedAt = performance.now();
    if (settings.bell) this.#write("\x07");
    if (settings.notify) this.#write(notification(from, text));
    return true;
  }

  /** `(3) bob: MIM`: how many messages are unread, and the current chat. */
  #setTitle({ current, room, unread }: InFront): void {
    const count = [...unread.values()].reduce((sum, each) => sum + each, 0);
    const roomName = room && displayRoom(room.label);
    const place = current === undefined ? roomName : displayName(current.name);
    const name = place === undefined ? "" : `${sanitizeText(place)}: `;
    const title = `${count === 0 ? "" : `(${count}) `}${name}MIM`;
    if (title === this.#title) return;
    this.#title = title;
    this.#write(`\x1b]2;${title}\x1b\\`);
  }
}

/** The escape sequence for a desktop notification. Semicolons would end a field. */
function notification(name: string, text: string): string {
  const field = (text: string) =>
    sliceGraphemes(sanitizeText(text).replaceAll(";", ","), MAX_NOTIFICATION_LENGTH);
  const from = field(name);
  const knows777 = /^(rxvt|foot)/.test(allowedEnv("TERM") ?? "");
  return knows777
    ? `\x1b]777;notify;${from};${field(text)}\x1b\\`
    : `\x1b]9;${from}: ${field(text)}\x1b\\`;
}
