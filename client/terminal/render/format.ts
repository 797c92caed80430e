/** What events have in them, in words. */

import { sanitizeName } from "../../../protocol/mod.ts";
import { formatTime, type UserBadges } from "../../app/mod.ts";
import type { OnlineUser, Security } from "../../core/mod.ts";

/** From when on it is said when something was written, in milliseconds. */
const A_WHILE = 60_000;
/** So much of a message tells which it is, in UTF-16 units. */
const BRIEF = 40;

/** How sure it is who somebody is, in words. */
export function formatDuration(security: Security, name: string): string {
  switch (security) {
    case "classic":
      return "not encrypted, and nothing is proven: one of you speaks classic MIM alone";
    case "new":
      return `encrypted, the first time with this key: /verify ${name} compares`;
    case "pinned":
      return `encrypted, with the key that you know ${name} by`;
    case "verified":
      return "encrypted, and verified";
    case "changed":
      return "another key than before";
  }
}

/** What stands behind a user in a list. */
export function formatUser(
  { details }: OnlineUser,
  { security, notOwner, like }: UserBadges = {},
): string {
  const words: string[] = security === undefined ? [] : [security];
  const { availability = "online", status = "", reachability } = details ?? {};
  if (availability !== "online") words.push(availability);
  if (reachability === "unreachable") words.push("not reachable from the server");
  if (notOwner) words.push("not the owner of this name");
  if (like !== undefined) words.push(`only looks like ${sanitizeName(like)}, whom you know`);
  return words.map((word) => `, ${word}`).join("") +
    (status === "" ? "" : `, says "${status}"`);
}

/** When something was written, where that was a while ago. */
export function formatOutgoing(at: number | undefined, now: Date): string {
  if (at === undefined || Math.abs(now.getTime() - at) < A_WHILE) return "";
  const day = new Date(at).toDateString() === now.toDateString() ? "" : `${formatDay(at)}, `;
  return ` (written ${day}${formatTime(at)})`;
}

/** The beginning of a text, on one line. */
export function formatBrief(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= BRIEF ? line : `${line.slice(0, BRIEF - 1)}…`;
}

/** A day as it is written out where the user lives. */
export function formatDay(date: Date | number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: "full" }).format(date);
}
