/** What the page says: times, days, states, links in texts. */

import { make } from "./elements.js";

/** @typedef {import("../messages.ts").MessageRow} Message */
/** @typedef {import("../messages.ts").UserRow["security"]} Security */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** @param {number} at */
export const clockOf = (at) => clock.format(at);
/** @param {number} at */
export const dayOf = (at) => day.format(at);
/** @param {number} at */
export const fullTimeOf = (at) => full.format(at);

/**
 * Whether two times are of different days.
 *
 * @param {number} one
 * @param {number} other
 */
export function isOtherDay(one, other) {
  return new Date(one).toDateString() !== new Date(other).toDateString();
}

/** What each word about a peer means. @type {Readonly<Record<Security, string>>} */
export const SECURITY = {
  classic: "Not encrypted, and nothing proves who this is",
  new: "Encrypted; this key is new here",
  pinned: "Encrypted, with the key that you know them by",
  verified: "Encrypted, and you have compared the safety number",
  changed: "Another key than before: perhaps somebody else",
};

/** What has become of an own message. @type {Readonly<Record<Message["state"], string>>} */
export const STATE = {
  sending: "sending…",
  queued: "waits until they can be reached",
  sent: "sent",
  delivered: "delivered",
  failed: "not sent",
  received: "",
};

const LINK = /\bhttps?:\/\/[^\s<>"'`]+/gi;

/**
 * An address without what ends the sentence that it stands in. Brackets that it opens itself are its own.
 *
 * @param {string} address
 */
function withoutEnd(address) {
  for (let end = address;; end = end.slice(0, -1)) {
    const last = end.at(-1) ?? "";
    const opening = { ")": "(", "]": "[", "}": "{" }[last];
    const ends = opening === undefined
      ? /[.,;:!?…]/.test(last)
      : end.split(last).length > end.split(opening).length;
    if (!ends) return end;
  }
}

/**
 * A text as it is, with its web addresses as links.
 *
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function withLinks(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const address = withoutEnd(match[0]);
    if (!URL.canParse(address)) continue;
    parts.push(text.slice(end, match.index));
    const link = { href: address, target: "_blank", rel: "noopener noreferrer" };
    parts.push(make("a", link, address));
    end = match.index + address.length;
  }
  return [...parts, text.slice(end)];
}
