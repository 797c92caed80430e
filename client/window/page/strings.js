/** Texts that the page shows: times, days, states, and links inside texts. */

import { createElement } from "./elements.js";

/** @import { MessageRow, PeerSecurity } from "../messages.ts" */

export const formatTime = formatter({ hour: "2-digit", minute: "2-digit" });
export const formatDay = formatter({ dateStyle: "full" });
export const formatDateTime = formatter({ dateStyle: "medium", timeStyle: "short" });

/** The last moment that a date can have. */
const MAX_TIME = 8.64e15;

/** @param {Intl.DateTimeFormatOptions} options */
function formatter(options) {
  const { format } = new Intl.DateTimeFormat(undefined, options);
  return (/** @type {number} */ at) => format(dateTime(at));
}

/** A date, whatever the number. @param {number} at */
function dateTime(at) {
  return new Date(Number.isFinite(at) ? Math.max(-MAX_TIME, Math.min(MAX_TIME, at)) : 0);
}

/** @param {number} at */
export const isoTime = (at) => dateTime(at).toISOString();

/** @param {number} one @param {number} other */
export function isOtherDay(one, other) {
  return dateTime(one).toDateString() !== dateTime(other).toDateString();
}

/** @type {Readonly<Record<PeerSecurity, string>>} */
export const SECURITY_STRINGS = {
  classic: "Not encrypted, and nothing proves who this is",
  unconfirmed: "Encrypted, but nothing confirms that this is who the name says",
  new: "Encrypted; you see this key for the first time",
  pinned: "Encrypted, with the key that you know",
  verified: "Encrypted, and you have compared the safety number",
  changed: "Not the key that you know: this may be someone else",
};

/** @type {Readonly<Record<MessageRow["state"], string>>} */
export const STATE_STRINGS = {
  sending: "sending…",
  queued: "waits until they can be reached",
  sent: "sent",
  delivered: "delivered",
  failed: "not sent",
  received: "",
};

const LINK = /\bhttps?:\/\/[^\s<>"'`]+/gi;
/** A longer address is no link, in UTF-16 units. */
const MAX_LINK_LENGTH = 2_048;
/** @type {Readonly<Record<string, string>>} */
const OPENING = { ")": "(", "]": "[", "}": "{" };

/**
 * Cuts off the punctuation that ends the sentence around an address. A closing bracket stays if the
 * address opens it.
 *
 * @param {string} address
 */
function trimPunctuation(address) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  const countOf = (/** @type {string} */ sign) => counts.get(sign) ?? 0;
  for (const sign of address) counts.set(sign, countOf(sign) + 1);
  for (let end = address.length;; end--) {
    const last = address[end - 1] ?? "";
    const opening = OPENING[last];
    const isPunctuation = opening === undefined
      ? /[.,;:!?…]/.test(last)
      : countOf(last) > countOf(opening);
    if (!isPunctuation) return address.slice(0, end);
    counts.set(last, countOf(last) - 1);
  }
}

/** A text with links for its web addresses. @param {string} text @returns {(Node | string)[]} */
export function linkify(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const address = trimPunctuation(match[0]);
    if (address.length > MAX_LINK_LENGTH || !URL.canParse(address)) continue;
    parts.push(text.slice(end, match.index));
    const link = { href: address, target: "_blank", rel: "noopener noreferrer" };
    parts.push(createElement("a", link, address));
    end = match.index + address.length;
  }
  return [...parts, text.slice(end)];
}

/**
 * Splits a sentence into strings and elements that isolate a name in it, so that a name written from
 * right to left turns nothing else around.
 *
 * @param {string} sentence
 * @param {string} name
 * @returns {(Node | string)[]}
 */
export function isolate(sentence, name) {
  if (name === "") return [sentence];
  return sentence.split(name).flatMap((part, at) =>
    at === 0 ? [part] : [createElement("bdi", {}, name), part]
  );
}
