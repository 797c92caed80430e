import { sanitizeName } from "../../../protocol/mod.ts";
import type { PastEvent } from "../../app/mod.ts";

/**
 * An earlier message as a line, not yet safe to print.
 *
 * @param now the date is left out for a message of this day
 */
export function historyLine(event: PastEvent, now?: Date): string {
  const { name, address, what, text, at, among } = event;
  const peer = sanitizeName(name) + (address === undefined ? "" : ` (${sanitizeName(address)})`);
  const to = among === "all" || address !== undefined ? ` to ${peer}` : "";
  // A peer may call itself "you".
  const said = /^\P{L}*you(?!\p{L})/iu.test(peer) ? `"${peer}"` : peer;
  const who = what === "received" ? said : `you${to}${what === "failed" ? " (not sent)" : ""}`;
  return `[${moment(new Date(at), now)}] ${who}: ${text}`;
}

/** Local day and time, in an order that sorts. */
function moment(time: Date, now?: Date): string {
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (time.toDateString() === now?.toDateString()) return clock;
  const day = [time.getFullYear(), time.getMonth() + 1, time.getDate()].map(two).join("-");
  return `${day} ${clock}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
