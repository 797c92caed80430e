import { displayName, formatAddress, sanitizeName } from "../../../protocol/mod.ts";
import {
  capitalize,
  type ClientEvent,
  describeCall,
  describeFailedAction,
  describeOffer,
  describeQueued,
  describeTransfer,
  formatQuery,
  formatTime,
  offerTag,
  type PastEvent,
  showsPresence,
  typingHint,
} from "../../app/mod.ts";
import { type ActionEvent, type Chat, isExclusion, type OnlineUser } from "../../core/mod.ts";
import { alarming, dim, type LineOf, lineWith, named, type StyledText } from "./styled_text.ts";
import { historyLine } from "./history_line.ts";
import { quoteLines, roomLines } from "./room_text.ts";
import { isNamed, underOwnName, type View, which } from "./view.ts";
import {
  describePerson,
  describeSecurity,
  describeUser,
  formatBrief,
  formatDay,
  formatWritten,
} from "./format.ts";

const MAX_NAMES_LISTED = 10;
/** A row of a QR code, of which every blank counts; nothing in it can be read as words or controls. */
const QR_ROW = /^[ ▀▄█]+$/;
/** Begins the further lines of a message. */
const INDENT = "        ";

/** Events as lines for people, safe to print. */
export class TextLines {
  readonly #line: LineOf;
  /** The users of the table while it is loading; undefined when it is complete. */
  #arriving: string[] | undefined;
  #day: string | undefined;
  /** Whether the connection was lost: after that only changes are shown. */
  #lost = false;

  constructor(colors = false) {
    this.#line = lineWith(colors);
  }

  /** The lines for an event; none if it is not shown. A new day gets a line of its own. */
  of(event: ClientEvent, now: Date, view: View): string[] {
    const lines = this.#linesOf(event, now, view);
    return lines.length === 0 ? [] : [...this.newDay(now), ...lines];
  }

  /**
   * Lists the online users once the table that comes with a login is complete.
   *
   * @param others how many more users there are that the server does not list
   */
  arrived(others = 0): string[] {
    const names = this.#arriving;
    this.#arriving = undefined;
    if (names === undefined) return [];
    if (names.length === 0 && others === 0) return ["Nobody else is online yet"];
    const finds =
      `${others} people whom you don't know are online; /who and the beginning of a name finds them`;
    if (names.length === 0) return [finds];
    const listed = names.slice(0, MAX_NAMES_LISTED).map((name) => this.#line`${named(name)}`);
    const more = names.length > MAX_NAMES_LISTED
      ? `, and ${names.length - MAX_NAMES_LISTED} more`
      : "";
    return [
      `Online: ${listed.join(", ")}${more}`,
      ...others > 0 ? [finds] : [],
      this.#line`${dim("/talk NAME starts a chat, /help lists all commands")}`,
    ];
  }

  #takeLost(): boolean {
    const lost = this.#lost;
    this.#lost = false;
    return lost;
  }

  /** A line if another day has begun since the last event. */
  newDay(now: Date): string[] {
    const day = now.toDateString();
    const changed = this.#day !== undefined && this.#day !== day;
    this.#day = day;
    return changed ? [this.#line`${dim(`--- ${formatDay(now)} ---`)}`] : [];
  }

  #linesOf(event: ClientEvent, now: Date, view: View): string[] {
    const line = this.#line;
    const time = dim(`[${formatTime(now)}]`);
    switch (event.type) {
      case "hosting":
        return [line`No server was found, so MIM runs one here, at ${event.address}`];
      case "person":
        return [line`  ${named(event.person.contact.name)}${dim(describePerson(event))}`];
      case "people":
        return [`${event.count === 1 ? "1 person" : `${event.count} people`} known by a key`];
      case "server-found": {
        const { number, offer } = event;
        const tag = offerTag(offer);
        const key = tag === "" ? ", no key" : `, key ${tag}`;
        const known = offer.isKnown ? ", known" : "";
        return [line`${String(number).padStart(4)}  ${describeOffer(offer)}${dim(key + known)}`];
      }
      case "window":
        return [line`The window is at ${event.address}`, line`${dim("Ctrl-C ends it")}`];
      case "connected":
        if (this.#lost) return [];
        this.#arriving = [];
        return [line`${dim(`Connected to ${formatAddress(event.address, event.port)}`)}`];
      case "welcome":
        return [line`  ${event.text}`];
      case "listening":
      case "unlisted":
        return [];
      case "logged-in":
        return [line`You are ${this.#takeLost() ? "back " : ""}online as ${named(event.name)}`];
      case "online":
        if (event.isFound) return [];
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
        const where = dim(`(${formatAddress(sanitizeName(address), port)})`);
        const about = describeUser(event.user, event.badges);
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
          line`  ${dim(describeSecurity(event.chat.security, event.chat.name))}`,
        ];
      case "room":
      case "room-invited":
      case "room-joined":
      case "room-left":
      case "room-message":
      case "room-sent":
      case "room-action":
      case "room-changed":
      case "room-delivered": {
        const said = (before: string, text: string, after = "") => this.#said(before, text, after);
        return roomLines(event, line, said, time, now, view);
      }
      case "message":
        return quoteLines(event.quote, line).concat(this.#said(
          line`${time} ${named(event.chat.name)}${dim(which(event.chat, view))}${
            dim(formatWritten(event.message.time, now))
          }: `,
          event.message.text,
        ));
      case "sent": {
        const { chat, message: { text } } = event;
        const quote = quoteLines(event.quote, line);
        if (chat === view.current) return quote.concat(this.#said(line`${time} you: `, text));
        const to = line`${time} you to ${named(chat.name)}${dim(which(chat, view))}: `;
        return quote.concat(this.#said(to, text));
      }
      case "presence":
      case "typing":
        return [];
      case "delivered": {
        const { name, text, time } = event.message;
        return [
          line`${
            dim(
              `Delivered to ${displayName(name)}${formatWritten(time, now)}: ${formatBrief(text)}`,
            )
          }`,
        ];
      }
      case "edited":
        return this.#said(
          line`${time} ${this.#whoOf(event)} edited${this.#where(event, view)}: `,
          event.text,
          line`${dim(` (was: ${formatBrief(event.before)})`)}`,
        );
      case "deleted":
        return [
          line`${time} ${this.#whoOf(event)} deleted${this.#where(event, view)}: ${
            dim(formatBrief(event.before))
          }`,
        ];
      case "reacted": {
        const verb = event.isOn ? "reacted" : "took back";
        return [
          line`${time} ${this.#whoOf(event)} ${verb} ${event.emoji}${this.#where(event, view)}: ${
            dim(formatBrief(event.messageText))
          }`,
        ];
      }
      case "seen":
        return [line`${dim(`${displayName(event.chat.name)} has seen your messages`)}`];
      case "queued":
        if (event.message.action !== undefined) {
          return [line`${dim(describeQueued(event.message))}`];
        }
        return this.#said(
          line`${time} you to ${named(event.message.name)}, waiting: `,
          event.message.text,
        );
      case "failed": {
        const { name, text, action } = event.message;
        if (action !== undefined) {
          return [line`${alarming("!")} ${describeFailedAction(event.message, event.reason)}`];
        }
        return [line`${alarming("!")} Not delivered to ${named(name)}, ${event.reason}: ${text}`];
      }
      case "past":
        return this.#past(event, now);
      case "chat-closed":
        return [this.#closed(event.chat, event.by)];
      case "incoming-call":
      case "call-ended":
      case "calls-rejected":
        return [line`${describeCall(event)}${underOwnName(event, view)}`];
      case "file-progress":
        return [];
      case "file-state": {
        const { state, reason, path } = event.transfer;
        if (state !== "paused" || reason === undefined) return []; // else the user did it
        return [line`${alarming("!")} ${path}: ${describeTransfer(event.transfer)}`];
      }
      case "file-offered": {
        const { number, state } = event.transfer;
        if (state !== "offered") return [line`  ${dim("it is taken without asking")}`];
        return [line`  ${dim(`/getfile ${number} takes it, /cancelfile ${number} declines it`)}`];
      }
      case "file-received":
        return [line`${named(event.transfer.name)} sent ${event.transfer.location ?? ""}`];
      case "file-sent":
        return [
          line`${
            named(event.member?.name ?? event.transfer.name)
          } has ${event.transfer.path}, all of it`,
        ];
      case "file-failed": {
        const { path, reason, files, location } = event.transfer;
        const others = files > 1 && location !== undefined ? `; the others are in ${location}` : "";
        const failure = line`${path}: ${event.error.message}${others}`;
        return [reason === "cancelled" ? failure : line`${alarming("!")} ` + failure];
      }
      case "logged-out":
        this.#lost = false;
        return ["You are offline; open chats continue, /login logs in again"];
      case "disconnected":
        this.#lost = true;
        return [
          line`${capitalize(event.reason)}; ${
            isExclusion(event.end)
              ? "open chats continue, but MIM does not reconnect by itself; /login tries again"
              : "open chats continue and MIM reconnects automatically, /logout stops it"
          }`,
        ];
      case "error":
        return [line`${alarming("!")} ${event.text}`];
      case "note":
        return [QR_ROW.test(event.text) ? event.text : line`${dim(event.text)}`];
    }
  }

  /** An earlier message, behind its number if it has one. */
  #past(event: PastEvent, now: Date): string[] {
    const line = this.#line;
    const { number, newFrom } = event;
    const first = number === undefined ? "" : line`${String(number).padStart(3)}  `;
    const lines = historyLine(event, now).split("\n").map((each, at) =>
      at === 0 ? first + line`${dim(each)}` : INDENT + line`${dim(each)}`
    );
    return newFrom === undefined ? lines : [line`--- new since you left: ${newFrom} ---`, ...lines];
  }

  /** The lines of a message, indented so that they can't be taken for lines of this program. */
  #said(before: string, text: string, after = ""): string[] {
    const [first = "", ...rest] = text.split("\n");
    const line = this.#line;
    const lines = [before + line`${first}`, ...rest.map((each) => INDENT + line`${each}`)];
    return after === "" ? lines : [...lines.slice(0, -1), lines.at(-1) + after];
  }

  /** The author of an action on a message: the user, or the peer. */
  #whoOf({ by, who }: ActionEvent): string | StyledText {
    return by === "me" ? "you" : named(who);
  }

  /** The name of the chat, if the line does not contain it. */
  #where({ by, chat }: ActionEvent, view: View): StyledText {
    if (by === "me" && chat !== view.current) {
      return dim(` (to ${displayName(chat.name)}${which(chat, view)})`);
    }
    return dim(by === "me" ? "" : which(chat, view));
  }

  /** A user went online or offline: shown for everyone, or only for peers of a chat. */
  #moved(user: OnlineUser, where: "online" | "offline", view: View): string[] {
    const { joins, chats, online } = view;
    const hasChat = (name: string) => chats.some((chat) => chat.name === name);
    if (!showsPresence(joins, user, hasChat, online)) return [];
    return [this.#line`${named(user.name)} is ${where}`];
  }

  #opened(chat: Chat, { current, me }: View): string {
    const line = this.#line;
    const name = named(chat.name);
    const isOutgoing = chat.direction === "outgoing";
    if (isOutgoing && chat !== current) {
      return line`A chat with ${name} is open beside this one`;
    }
    if (isOutgoing) return line`You are talking to ${name}: type to send, /close ends the chat`;
    const answer = chat === current
      ? "type to answer"
      : line`/talk ${formatQuery(chat.name)} answers${typingHint(chat.name)}`;
    const who = isNamed(chat, me) ? ", who has your name," : "";
    return line`${name} (${sanitizeName(chat.address)})${who} started a chat with you: ${answer}`;
  }

  #closed(chat: Chat, by: "me" | "them" | "lost"): string {
    const name = named(chat.name);
    const isQueued = chat.state === "queued";
    const now = isQueued ? "messages wait for the next one" : "the chat is inactive";
    switch (by) {
      case "me":
        return this.#line`The chat with ${name} is closed`;
      case "them":
        return isQueued
          ? this.#line`${name} has ended MIM; ${now}`
          : this.#line`${name} closed the chat; it is inactive`;
      case "lost":
        return this.#line`The connection to ${name} was lost; ${now}`;
    }
  }
}
