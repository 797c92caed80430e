import { displayName, displayRoom, sanitizeName } from "../../../protocol/mod.ts";
import { formatBrief } from "./format.ts";
import { formatDate, formatTime, type PastEvent, type Quote } from "../../app/mod.ts";

/** An earlier message as a line, not yet safe to print; with its date unless it is of today. */
export function historyLine(event: PastEvent, now?: Date): string {
  const { address, what, text, at, among, isEdited, isDeleted, answers, reactions } = event;
  const peer = describePeer(event) + (address === undefined ? "" : ` (${sanitizeName(address)})`);
  const to = among === "all" || address !== undefined ? ` to ${peer}` : "";
  const who = what === "received" ? peer : `you${to}${what === "failed" ? " (not sent)" : ""}`;
  const answering = answers === undefined ? "" : `, answering ${formatQuote(answers)}`;
  const marks = (isEdited ? " (edited)" : "") +
    (reactions === undefined ? "" : ` [${reactions.map(formatBrief).join(" ")}]`);
  const said = isDeleted ? "(deleted)" : text;
  return `[${moment(new Date(at), now)}] ${who}${answering}: ${said}${marks}`;
}

function describePeer({ name, room, what }: PastEvent): string {
  if (room === undefined) return displayName(name);
  return what === "received" ? `${displayName(name)} in ${displayRoom(room)}` : displayRoom(room);
}

/** The message that another one answers. */
function formatQuote({ isOwn, name, text, isDeleted }: Quote): string {
  if (isDeleted) return "a deleted message";
  if (text === "") return "a message that is not here";
  const whose = isOwn ? "your " : name === undefined ? "" : `${displayName(name)}'s `;
  return `${whose}"${formatBrief(text)}"`;
}

/** Local date and time, in an order that sorts. */
function moment(time: Date, now?: Date): string {
  const isToday = time.toDateString() === now?.toDateString();
  return isToday ? formatTime(time) : `${formatDate(time)} ${formatTime(time)}`;
}
