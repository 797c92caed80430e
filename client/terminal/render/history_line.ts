import { sanitizeName } from "../../../protocol/mod.ts";
import { displayName, formatDate, formatTime, type PastEvent } from "../../app/mod.ts";

/** An earlier message as a line, not yet safe to print; with its date unless it is of today. */
export function historyLine(event: PastEvent, now?: Date): string {
  const { name, address, what, text, at, among } = event;
  const peer = displayName(name) + (address === undefined ? "" : ` (${sanitizeName(address)})`);
  const to = among === "all" || address !== undefined ? ` to ${peer}` : "";
  // A peer may call itself "you".
  const said = /^\P{L}*you(?!\p{L})/iu.test(peer) ? `"${peer}"` : peer;
  const who = what === "received" ? said : `you${to}${what === "failed" ? " (not sent)" : ""}`;
  return `[${moment(new Date(at), now)}] ${who}: ${text}`;
}

/** Local date and time, in an order that sorts. */
function moment(time: Date, now?: Date): string {
  const isToday = time.toDateString() === now?.toDateString();
  return isToday ? formatTime(time) : `${formatDate(time)} ${formatTime(time)}`;
}
