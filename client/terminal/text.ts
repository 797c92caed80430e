import { displayName, formatAddress } from "../../protocol/mod.ts";
import { clock } from "../clock.ts";
import { aboutCall } from "../callers.ts";
import { type Chat, type OnlineUser, sameName, type Security } from "../core/mod.ts";
import type { ClientEvent } from "../events.ts";
import type { Marks } from "../marks.ts";
import { DEFAULT_SETTINGS, type Settings } from "../settings.ts";
import { typed, typingHint } from "../who.ts";
import { alarming, dim, type LineOf, lineWith, named } from "./style.ts";
import { pastLine } from "./past.ts";

/** How many names are listed when somebody has just logged in. */
const NAMES_LISTED = 10;

/** From when on it is said when something was written, in milliseconds. */
const A_WHILE = 60_000;
/** So much of a message tells which it is, in UTF-16 units. */
const BRIEF = 40;

/** What decides how an event is shown, beside the event. */
export interface View {
  /** The chat that lines go to. */
  readonly current: Chat | undefined;
  /** All chats. */
  readonly chats: readonly Chat[];
  /** The own name; undefined where it isn't known yet. */
  readonly me: string | undefined;
  /** Whose coming and going is shown. */
  readonly joins: Settings["joins"];
  /** Who is online now. */
  readonly online: readonly OnlineUser[];
}

/** The view of somebody who is in no chat. */
export const NO_CHATS: View = {
  current: undefined,
  chats: [],
  me: undefined,
  joins: DEFAULT_SETTINGS.joins,
  online: [],
};

/** Events as lines for people: safe to show, whatever strings from others are in them. */
export class TextLines {
  readonly #line: LineOf;
  /** Users told of while the table still comes in; undefined once it has. */
  #arriving: string[] | undefined;
  #day: string | undefined;
  /** Whether the connection was lost: who comes back is told only what is different. */
  #lost = false;

  /** @param colours whether the terminal shows them */
  constructor(colours = false) {
    this.#line = lineWith(colours);
  }

  /**
   * The lines that an event is shown as; none for what is better not shown.
   *
   * @param now the time, for the clock before each message and the line at a new day
   */
  of(event: ClientEvent, now: Date, view: View): string[] {
    const lines = this.#linesOf(event, now, view);
    return lines.length === 0 ? [] : [...this.newDay(now), ...lines];
  }

  /** Says who is online, once the table that came with the login is in. */
  arrived(): string[] {
    const names = this.#arriving;
    this.#arriving = undefined;
    if (names === undefined) return [];
    if (names.length === 0) return ["nobody else is online yet"];
    const listed = names.slice(0, NAMES_LISTED).map((name) => this.#line`${named(name)}`);
    const more = names.length > NAMES_LISTED ? `, and ${names.length - NAMES_LISTED} more` : "";
    return [
      `online: ${listed.join(", ")}${more}`,
      this.#line`${dim("/talk NAME starts a chat, /help lists the commands")}`,
    ];
  }

  #takeLost(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    return lost;
  }

  /** A line where another day has begun since anything was shown. */
  newDay(now: Date): string[] {
    const day = now.toDateString();
    const changed = this.#day !== undefined && this.#day !== day;
    this.#day = day;
    return changed ? [this.#line`${dim(`--- ${dayInWords(now)} ---`)}`] : [];
  }

  #linesOf(event: ClientEvent, now: Date, view: View): string[] {
    const line = this.#line;
    const time = dim(`[${clock(now)}]`);
    switch (event.kind) {
      case "hosting":
        return [line`no server was found: this program runs one now, at ${event.address}`];
      case "window":
        return [line`the window is at ${event.address}`, line`${dim("Ctrl-C ends it")}`];
      case "connected":
        if (this.#lost) return [];
        this.#arriving = [];
        return [line`${dim(`connected to ${formatAddress(event.address, event.port)}`)}`];
      case "welcome":
        return [line`  ${event.text}`];
      case "listening":
        return [];
      case "logged-in":
        return [line`you are ${this.#takeLost() ? "back " : ""}online as ${named(event.name)}`];
      case "online":
        if (this.#arriving === undefined) return this.#moved(event.user, "online", view);
        if (!event.user.own) this.#arriving.push(event.user.name);
        return [];
      case "offline": {
        const at = this.#arriving?.indexOf(event.user.name) ?? -1;
        if (at < 0) return this.#moved(event.user, "offline", view);
        this.#arriving?.splice(at, 1);
        return [];
      }
      case "user": {
        const { name, address, port, own } = event.user;
        const number = String(event.number).padStart(4);
        const where = dim(`(${formatAddress(displayName(address), port)})`);
        const about = aboutUser(event.user, event.marks);
        return [line`${number}  ${named(name)} ${where}${own ? ", you" : ""}${about}`];
      }
      case "users": {
        const { count, part } = event;
        const of = part === undefined ? "" : line` with "${part}" in the name`;
        return [`${count} user${count === 1 ? "" : "s"} online${of}`];
      }
      case "chat-opened":
        return [
          this.#opened(event.chat, view),
          line`  ${dim(inWords(event.chat.security, displayName(typed(event.chat.name))))}`,
        ];
      case "message":
        return this.#said(
          line`${time} ${named(event.chat.name)}${dim(which(event.chat, view))}${
            dim(written(event.at, now))
          }: `,
          event.text,
        );
      case "sent": {
        if (event.chat === view.current) return this.#said(line`${time} you: `, event.text);
        const to = line`${time} you to ${named(event.chat.name)}`;
        return this.#said(to + line`${dim(which(event.chat, view))}: `, event.text);
      }
      case "user-changed":
      case "typing":
        return [];
      case "delivered": {
        const { name, text, at } = event.message;
        return [
          line`${dim(`delivered to ${displayName(name)}${written(at, now)}: ${brief(text)}`)}`,
        ];
      }
      case "queued":
        return this.#said(
          line`${time} you to ${named(event.message.name)}, waiting: `,
          event.message.text,
        );
      case "failed": {
        const { name, text } = event.message;
        return [line`${alarming("!")} not delivered to ${named(name)}, ${event.reason}: ${text}`];
      }
      case "past":
        return [line`${dim(pastLine(event, now))}`];
      case "chat-closed":
        return [this.#closed(event.chat, event.by)];
      case "call-waits":
      case "call-gone":
      case "calls-refused":
        return [line`${aboutCall(event)}${underOwnName(event, view)}`];
      case "logged-out":
        this.#lost = false;
        return ["you are offline; open chats go on, /login logs in again"];
      case "disconnected":
        this.#lost = true;
        return [
          line`${event.reason}; open chats go on, and so do attempts to connect: /logout ends them`,
        ];
      case "error":
        return [line`${alarming("!")} ${event.text}`];
      case "note":
        return [line`${dim(event.text)}`];
    }
  }

  /** What somebody says; only the first of its lines can be taken for one of this program's. */
  #said(before: string, text: string): string[] {
    const [first = "", ...rest] = text.split("\n");
    const line = this.#line;
    return [before + line`${first}`, ...rest.map((each) => line`        ${each}`)];
  }

  /** Somebody came or went: of interest where everybody is, or where there is a chat. */
  #moved(user: OnlineUser, where: "online" | "offline", view: View): string[] {
    const { joins, chats } = view;
    if (joins === "off") return [];
    if (joins === "smart" && !chats.some((chat) => chat.name === user.name)) return [];
    // Of two programs of one user, one has come or gone.
    const key = user.details?.identity.toHex();
    const others = view.online.filter((other) =>
      other !== user && other.name === user.name && other.details?.identity.toHex() === key
    );
    if (key !== undefined && key !== "" && others.length > 0) return [];
    return [this.#line`${named(user.name)} is ${where}`];
  }

  #opened(chat: Chat, { current, me }: View): string {
    const line = this.#line;
    const name = named(chat.name);
    if (chat.by === "me" && chat !== current) {
      return line`a chat with ${name} is open beside this one`;
    }
    if (chat.by === "me") return line`talking to ${name}: what you type goes there, /close ends it`;
    const answer = chat === current
      ? "what you type goes there"
      : line`/talk ${typed(chat.name)} to answer${typingHint(chat.name)}`;
    const who = isNamed(chat, me) ? ", who has your name," : "";
    return line`${name} (${displayName(chat.address)})${who} is talking to you: ${answer}`;
  }

  #closed(chat: Chat, by: "me" | "them" | "lost"): string {
    const name = named(chat.name);
    const now = chat.waits ? "what you write waits for the next one" : "the chat is inactive";
    switch (by) {
      case "me":
        return this.#line`the chat with ${name} is closed`;
      case "them":
        return this.#line`${name} closed the chat; ${chat.waits ? now : "it is inactive"}`;
      case "lost":
        return this.#line`the connection to ${name} was lost; ${now}`;
    }
  }
}

/**
 * The address behind a name that does not tell who it is: another chat has the same, or it looks as
 * if it were the user's own.
 */
function which(chat: Chat, { chats, me }: View): string {
  const namesake = chats.find((other) => other !== chat && other.open && other.name === chat.name);
  if (namesake?.address === chat.address) return ` (${formatAddress(chat.address, chat.port)})`;
  const looksOwn = /^\P{L}*you(?!\p{L})/iu.test(chat.name) || isNamed(chat, me);
  return namesake !== undefined || looksOwn ? ` (${chat.address})` : "";
}

/** How sure it is who somebody is, in words. */
function inWords(security: Security, name: string): string {
  switch (security) {
    case "classic":
      return "not encrypted, and nothing is proven: one of you speaks classic MIM alone";
    case "new":
      return `encrypted, the first time with this key: /verify ${name} compares`;
    case "pinned":
      return "encrypted, with the same key as before";
    case "verified":
      return "encrypted, and verified";
    case "changed":
      return "another key than before";
  }
}

/** What stands behind a user in a list. */
function aboutUser({ details }: OnlineUser, { security, notOwner }: Marks = {}): string {
  const words: string[] = security === undefined ? [] : [security];
  const { availability = "online", status = "", reachability } = details ?? {};
  if (availability !== "online") words.push(availability);
  if (reachability === "unreachable") words.push("not reachable from the server");
  if (notOwner) words.push("not the owner of this name");
  return words.map((word) => `, ${word}`).join("") +
    (status === "" ? "" : `, says "${status}"`);
}

/** When something was written, where that was a while ago. */
function written(at: number | undefined, now: Date): string {
  if (at === undefined || Math.abs(now.getTime() - at) < A_WHILE) return "";
  const day = new Date(at).toDateString() === now.toDateString() ? "" : `${dayInWords(at)}, `;
  return ` (written ${day}${clock(at)})`;
}

/** The beginning of a text, on one line. */
function brief(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= BRIEF ? line : `${line.slice(0, BRIEF - 1)}…`;
}

/** Marks a caller who uses the own name. */
function underOwnName(event: ClientEvent, { me }: View): string {
  if (event.kind === "calls-refused") return isNamed(event, me) ? "; that is your own name" : "";
  if (event.kind !== "call-waits" || !isNamed(event.caller, me)) return "";
  return "; that is your own name, but not you";
}

/** Whether somebody goes by a name, as far as one can see. */
export function isNamed({ name }: { readonly name: string }, me: string | undefined): boolean {
  return me !== undefined && sameName(name) === sameName(me);
}

function dayInWords(date: Date | number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "full" }).format(date);
}
