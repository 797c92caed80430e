import { displayName } from "../../../protocol/mod.ts";
import { type ClientEvent, describeRoomEvent, type Quote } from "../../app/mod.ts";
import type { RoomPerson } from "../../core/mod.ts";
import { formatBrief, formatWritten } from "./format.ts";
import { dim, type LineOf, named, roomNamed, type StyledText } from "./styled_text.ts";
import type { View } from "./view.ts";

type RoomTextEvent = Extract<ClientEvent, { readonly type: "room" | `room-${string}` }>;

/** How a message is laid out: what stands before it, its text, what stands behind it. */
export type Said = (before: string, text: string, after?: string) => string[];

/**
 * The lines for an event of a room.
 *
 * @param time the time of day, in brackets
 */
export function roomLines(
  event: RoomTextEvent,
  line: LineOf,
  said: Said,
  time: StyledText,
  now: Date,
  view: View,
): string[] {
  const { room } = event;
  const where = room === view.room ? "" : line` ${roomNamed(room.label)}`;
  switch (event.type) {
    case "room": {
      const { members, unread, state, topic } = room;
      const joined = members.filter(({ role }) => role !== "guest").length;
      const count = `${joined} member${joined === 1 ? "" : "s"}`;
      const more =
        (state === "joined" ? "" : `, ${state === "invited" ? "you are invited" : "left"}`) +
        (unread === 0 ? "" : `, ${unread} unread`) + (topic === "" ? "" : `: ${topic}`);
      return [line`${String(event.number).padStart(4)}  ${roomNamed(room.label)}, ${count}${more}`];
    }
    case "room-invited":
      return [
        line`${named(event.by.name)} invites you to ${
          roomNamed(room.label)
        }: /join ${room.label} accepts, /leave ${room.label} declines`,
      ];
    case "room-joined":
      return event.member.isOwn
        ? [line`You are a member of ${roomNamed(room.label)}`]
        : [line`${named(event.member.name)} joined ${roomNamed(room.label)}`];
    case "room-left": {
      const { member, by } = event;
      const who = member.isOwn ? "You" : named(member.name);
      if (member.identity.equals(by.identity)) return [line`${who} left ${roomNamed(room.label)}`];
      const whom = member.isOwn ? "you" : named(member.name);
      return [line`${you(by, "You")} removed ${whom} from ${roomNamed(room.label)}`];
    }
    case "room-message": {
      const { name, text, time: written, isMissing, isContradiction } = event.message;
      const doubt = isContradiction
        ? line`${dim(" (its author said something else to others)")}`
        : "";
      const shown = isMissing ? "(the text has not come yet)" : text;
      const before = line`${time}` + where +
        line` ${named(name)}${dim(formatWritten(written, now))}: `;
      return [...quoteLines(event.quote, line), ...said(before, shown, doubt)];
    }
    case "room-sent":
      return [
        ...quoteLines(event.quote, line),
        ...said(line`${time}` + where + line` you: `, event.message.text),
      ];
    case "room-action": {
      const { action, by, text, before = "", message } = event;
      const start = line`${time}` + where + line` ${you(by, "you")} `;
      if (action === "edit") {
        const was = message.versions.at(-1) ?? "";
        return said(start + "edited: ", text, line`${dim(` (was: ${formatBrief(was)})`)}`);
      }
      if (action === "delete") return [start + line`deleted: ${dim(formatBrief(before))}`];
      const verb = action === "react" ? "reacted" : "took back";
      return [start + line`${verb} ${text}: ${dim(formatBrief(message.text))}`];
    }
    case "room-changed":
      return [line`${describeRoomEvent(event)}`];
    case "room-delivered":
      return [];
  }
}

/** The line above a message that answers another one: no row of a text from others begins with its sign. */
export function quoteLines(
  quote: Quote | undefined,
  line: LineOf,
): string[] {
  if (quote === undefined) return [];
  const { isOwn, name, text, isDeleted } = quote;
  const what = isDeleted
    ? "(deleted)"
    : text === ""
    ? "a message that is not here"
    : formatBrief(text);
  const who = isOwn ? "you: " : name === undefined ? "" : `${displayName(name)}: `;
  return [line`${dim(`> ${who}${what}`)}`];
}

function you({ isOwn, name }: RoomPerson, word: string): string | StyledText {
  return isOwn ? word : named(name);
}
