import { sanitizeName } from "../../../protocol/mod.ts";
import { formatBrief } from "./format.ts";
import { displayName, formatDate, formatTime, type PastEvent } from "../../app/mod.ts";

/** An earlier message as a line, not yet safe to print; with its date unless it is of today. */
export function historyLine(event: PastEvent, now?: Date): string {
  const { name, address, what, text, at, among, isEdited, isDeleted, answers, reactions } = event;
  const peer = displayName(name) + (address === undefined ? "" : ` (${sanitizeName(address)})`);
  const to = among === "all" || address !== undefined ? ` to ${peer}` : "";
  // A peer may call itself "you".
  const peerShown = /^\P{L}*you(?!\p{L})/iu.test(peer) ? `"${peer}"` : peer;
  const who = what === "received" ? peerShown : `you${to}${what === "failed" ? " (not sent)" : ""}`;
  const shown = answers === "" ? "a message that is not here" : `"${formatBrief(answers ?? "")}"`;
  const answering = answers === undefined ? "" : `, answering ${shown}`;
  const marks = (isEdited ? " (edited)" : "") +
    (reactions === undefined ? "" : ` [${reactions.map(formatBrief).join(" ")}]`);
  const said = isDeleted ? "(deleted)" : text;
  return `[${moment(new Date(at), now)}] ${who}${answering}: ${said}${marks}`;
}

/** Local date and time, in an order that sorts. */
function moment(time: Date, now?: Date): string {
  const isToday = time.toDateString() === now?.toDateString();
  return isToday ? formatTime(time) : `${formatDate(time)} ${formatTime(time)}`;
}
