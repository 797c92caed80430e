import type { CallDoubt, IgnoreEntry, MessengerEvent, OnlineUser } from "../core/mod.ts";
import { formatQuery, typingHint } from "./user_query.ts";
import { displayName, nameKey } from "../../protocol/mod.ts";

type CallEvent = Extract<
  MessengerEvent,
  { readonly type: "incoming-call" | "call-ended" | "calls-rejected" }
>;

/** Describes a waiting or refused call. Not yet safe to print. */
export function describeCall(event: CallEvent): string {
  if (event.type === "calls-rejected") {
    const others = event.count - 1;
    const more = others === 0 ? "" : ` (and ${others} more since the last notice)`;
    const why = event.isCrowd ? ": too many new people call from that network" : "";
    return `A call from ${displayName(event.name)} (${event.address}) was refused${more}${why}`;
  }
  const { name, address, doubt } = event.caller;
  const who = `${displayName(name)} (${address})`;
  if (event.type === "incoming-call") {
    const word = formatQuery(name);
    const but = doubt === undefined ? "" : `, but ${describeDoubt(doubt, "it")}`;
    const isUsual = doubt === undefined || isTypable(name);
    const hint = isUsual ? typingHint(name) : " (type the name with Tab)";
    if (event.waiting === undefined) {
      return `${who} wants to talk to you${but}: /accept ${word}, or /refuse ${word}${hint}`;
    }
    const [lines, them] = event.waiting === 1
      ? ["1 line", "it"]
      : [`${event.waiting} lines`, "them"];
    return `${who} has hung up and left ${lines}${but}: ` +
      `/accept ${word} shows ${them}, /refuse ${word} discards ${them}${hint}`;
  }
  return {
    "hung-up": `${who} is no longer waiting for you`,
    "timeout": `${who} waited too long; the call was refused`,
    "evicted": `${who} was refused: too many callers are waiting`,
  }[event.reason];
}

/** Why a caller or peer may not be who the name says; `subject` names that user in the sentence. */
export function describeDoubt(doubt: CallDoubt, subject: string): string {
  if (doubt.reason === "key-missing") {
    return `${
      displayName(doubt.contact)
    } had a key before and calls without one: anybody can do that`;
  }
  if (doubt.reason === "unconfirmed" && doubt.isUnlisted) {
    return `nothing confirms that ${subject} is who the name says: it has no key, and nobody of that ` +
      "name is online at its address";
  }
  if (doubt.reason === "unconfirmed") {
    return `nothing confirms that ${subject} is who the name says: you don't know this key, and ` +
      "the server does not certify the name for it";
  }
  const key = doubt.hasKey ? "another key" : "no key";
  return `${subject} only looks like ${displayName(doubt.contact)}, whom you know, and has ${key}`;
}

/** Whether every keyboard can type a name; one that only looks like another is typed differently. */
function isTypable(name: string): boolean {
  return /^[ -~]*$/.test(name);
}

/** The command that stops ignoring a user. */
export function describeUnignore(user: OnlineUser, ignored: readonly IgnoreEntry[]): string {
  const by = ignored.find(({ name, address }) =>
    (name === undefined || nameKey(name) === nameKey(user.name)) &&
    (address === undefined || address === user.address)
  );
  const isAddress = by !== undefined && by.name === undefined;
  return `/unignore ${isAddress ? `@${by.address}` : formatQuery(user.name)}`;
}
