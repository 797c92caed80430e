import { displayName, quote, sanitizeName, shorten } from "../../../protocol/mod.ts";
import {
  type ClientEvent,
  formatDate,
  formatQuery,
  formatTime,
  type UserBadges,
} from "../../app/mod.ts";
import type { OnlineUser, Security } from "../../core/mod.ts";

/** A message that is older than this shows when it was written, in milliseconds. */
const OLD_MESSAGE_MS = 60_000;
/** How much of a message is quoted, in UTF-16 units. */
const MAX_BRIEF_LENGTH = 40;

/** How certain the identity of a peer is. */
export function describeSecurity(security: Security, name: string): string {
  switch (security) {
    case "classic":
      return "not encrypted, and no identity is proven: one of you speaks only classic MIM";
    case "unconfirmed":
      return `encrypted, with a key that nothing confirms: /verify ${
        sanitizeName(formatQuery(name))
      } shows a number that the two of you can compare`;
    case "new":
      return `encrypted, with a key that is new to you: /verify ${
        sanitizeName(formatQuery(name))
      } compares it`;
    case "pinned":
      return `encrypted, with the key that you know ${displayName(name)} by`;
    case "verified":
      return "encrypted and verified";
    case "changed":
      return "a different key than before";
  }
}

/** The remarks after a user in a list. */
export function describeUser(
  { details }: OnlineUser,
  { security, notOwner, like, knownAs, alias }: UserBadges = {},
): string {
  const words: string[] = security === undefined ? [] : [security];
  const { availability = "online", status = "", reachability } = details ?? {};
  if (availability !== "online") words.push(availability);
  if (reachability === "unreachable") words.push("not reachable from the server");
  if (notOwner) words.push("not the owner of this name");
  if (alias !== undefined) words.push(`you call them ${quote(sanitizeName(alias))}`);
  if (knownAs !== undefined) words.push(`you know it as ${displayName(knownAs)}`);
  if (like !== undefined) words.push(`only looks like ${displayName(like)}, whom you know`);
  return words.map((word) => `, ${word}`).join("") +
    (status === "" ? "" : `, says ${quote(status)}`);
}

/** The line for someone in a list of people. */
export function describePerson(
  { person, security }: Extract<ClientEvent, { readonly type: "person" }>,
): string {
  const { contact, user, alias, note, lastSeen, waiting } = person;
  const { availability = "online", status = "" } = user?.details ?? {};
  const words: string[] = [user === undefined ? "offline" : availability];
  if (user === undefined && lastSeen > 0) {
    words.push(`last seen ${formatDate(lastSeen)} ${formatTime(lastSeen)}`);
  }
  if (security !== undefined) words.push(security);
  else if (contact.verified) words.push("verified");
  if (user !== undefined && user.name !== contact.name) words.push(`now ${displayName(user.name)}`);
  if (waiting > 0) words.push(waiting === 1 ? "1 message waits" : `${waiting} messages wait`);
  const called = alias === "" ? "" : ` (${quote(sanitizeName(alias))})`;
  if (status !== "") words.push(`says ${quote(status)}`);
  const noted = note === "" ? "" : `: ${quote(formatBrief(note))}`;
  return `${called}, ${words.join(", ")}${noted}`;
}

/** The time when a message was written, if that was a while ago. */
export function formatWritten(at: number | undefined, now: Date): string {
  if (at === undefined || Math.abs(now.getTime() - at) < OLD_MESSAGE_MS) return "";
  const day = new Date(at).toDateString() === now.toDateString() ? "" : `${formatDay(at)}, `;
  return ` (written ${day}${formatTime(at)})`;
}

/** The beginning of a text, on one line. */
export function formatBrief(text: string): string {
  return shorten(text.replaceAll(/\s+/g, " "), MAX_BRIEF_LENGTH);
}

let dayFormat: Intl.DateTimeFormat | undefined;

/** A day, written out in the user's language. */
export function formatDay(date: Date | number): string {
  dayFormat ??= new Intl.DateTimeFormat(undefined, { dateStyle: "full" }); // making one takes long
  return dayFormat.format(date);
}
