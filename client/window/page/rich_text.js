/** Messages as nodes: links, code, bold text and quotations; everything else stays text. */

import { createElement } from "./elements.js";

const LINK = /\b(?:https?:\/\/|www\.|mailto:)[^\s<>"'`]+/gi;
/** A longer address is no link, in UTF-16 units. */
const MAX_LINK_LENGTH = 2_048;
/** A longer text has no markup, in UTF-16 units. */
const MAX_MARKUP_LENGTH = 20_000;
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
      ? /[.,;:!?…*]/.test(last)
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
    const href = /^www\./i.test(address) ? `https://${address}` : address;
    const isAddress = address.length <= MAX_LINK_LENGTH && URL.canParse(href) &&
      (!/^www\./i.test(address) || /^www\.[^./]+\.[^./]/i.test(address));
    if (!isAddress) continue;
    parts.push(text.slice(end, match.index));
    const link = { href, target: "_blank", rel: "noopener noreferrer" };
    parts.push(createElement("a", link, address));
    end = match.index + address.length;
  }
  return [...parts, text.slice(end)];
}

/** `code` and **bold** in a line; what is not closed stays as it is. @param {string} text */
function formatLine(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(/`([^`\n]+)`|\*\*(\S(?:[^*\n]*\S)?)\*\*/g)) {
    parts.push(...linkify(text.slice(end, match.index)));
    const [whole, code, bold] = match;
    parts.push(
      code === undefined
        ? createElement("strong", {}, ...linkify(bold ?? ""))
        : createElement("code", {}, code),
    );
    end = match.index + whole.length;
  }
  return [...parts, ...linkify(text.slice(end))];
}

/** Lines outside of code blocks: those that begin with > become quotations. @param {string} text */
function formatProse(text) {
  return text.split(/((?:^|\n)(?:>[^\n]*(?:\n|$))+)/).flatMap((part) => {
    if (!/^\n?>/.test(part)) return part === "" ? [] : formatLine(part);
    const quoted = part.trim().split("\n").map((line) => line.replace(/^>\s?/, "")).join("\n");
    return [createElement("blockquote", {}, ...formatLine(quoted))];
  });
}

/** The beginning of a message on one line, without the signs that make the markup. @param {string} text */
export function previewOf(text) {
  const start = text.slice(0, 480);
  const plain = start.replace(/^>\s?/gm, "").replace(/\*\*(\S(?:[^*\n]*\S)?)\*\*/g, "$1")
    .replace(/`+([^`]+)`+/g, "$1");
  return (plain.trim() === "" ? start : plain).replace(/\s+/g, " ").trim();
}

/**
 * A message: three backquotes around lines make a block of code. The text of all nodes together is the
 * text of the message, but for the signs that make the markup.
 *
 * @param {string} text
 * @returns {(Node | string)[]}
 */
export function formatText(text) {
  if (text.length > MAX_MARKUP_LENGTH) return linkify(text);
  const parts = formatBlocks(text);
  // Signs alone are no markup: nothing would be left to see.
  const isBlank = parts.every((part) =>
    (typeof part === "string" ? part : part.textContent ?? "").trim() === ""
  );
  return isBlank ? [text] : parts;
}

/** @param {string} text @returns {(Node | string)[]} */
function formatBlocks(text) {
  return text.split(/(```[^\n`]*\n?[\s\S]*?```)\n?/).flatMap((part) => {
    const block = /^```[^\n`]*\n([\s\S]*?)\n?```$/.exec(part) ?? /^```([^\n`]+)```$/.exec(part);
    if (block === null) return formatProse(part);
    return [createElement("pre", { tabindex: 0 }, createElement("code", {}, block[1] ?? ""))];
  });
}
