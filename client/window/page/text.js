/** The page's texts in the user's language, and what goes into them: numbers, times, names. */

import { html } from "./html.js";
import words, { firstSentences, textLanguage as language } from "./texts.js";

/** @import { VNode } from "preact" */
/** @import { Wording } from "../messages.ts" */
/** @typedef {keyof typeof words | keyof typeof import("./more_text_en.js").default} TextKey */
/** @typedef {Record<string, string | number>} Values */

const RIGHT_TO_LEFT = ["ar"];
/** @type {Readonly<Record<string, string | Readonly<Record<string, string>>>>} */
let texts = words;
const plurals = new Intl.PluralRules(language);

document.documentElement.lang = language;
document.documentElement.dir = RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr";

/** @param {TextKey} key @param {Values} values */
function template(key, values) {
  const text = texts[key] ?? key;
  if (typeof text === "string") return text;
  const n = Number(values["n"]);
  return (n === 0 ? text["zero"] : undefined) ?? text[plurals.select(n)] ?? text["other"] ?? key;
}

/** A text for an attribute, or without names in it. @param {TextKey} key @param {Values} [values] */
export function t(key, values = {}) {
  return template(key, values).replace(/\{(\w+)\}/g, (_, name) => format(values[name] ?? ""));
}

/**
 * A text whose values are isolated, so that a name written from right to left turns nothing around.
 *
 * @param {TextKey} key
 * @param {Values} [values]
 * @returns {(VNode | string)[]}
 */
export function rich(key, values = {}) {
  return template(key, values).split(/\{(\w+)\}/).map((part, index) =>
    index % 2 === 0 ? part : html`<bdi>${format(values[part] ?? "")}</bdi>`
  );
}

/** Letters of the other direction than the page's. */
const OTHER_DIRECTION = document.documentElement.dir === "rtl"
  ? /[A-Za-z0-9]/
  : /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** A text that turns nothing around it, where no element can hold it apart. @param {string} text */
export function isolate(text) {
  return OTHER_DIRECTION.test(text) ? `\u2068${text}\u2069` : text;
}

/** Adds the texts of a part that is loaded later. @param {typeof texts} more */
export function addTexts(more) {
  texts = { ...texts, ...more };
}

/** The program's sentences by their codes; most visits need few of them. @type {Readonly<Record<string, string>>} */
let sentences = firstSentences;
/** @type {Promise<void> | undefined} */
let loading;
let onLoad = () => {};

/** @param {() => void} listener called once more sentences are here */
export function onSentences(listener) {
  onLoad = listener;
}

async function loadSentences() {
  try {
    sentences = { ...sentences, ...(await import("./sentences.js")).default };
  } catch {
    // The program's own words stand.
  }
  isWhole = true;
  onLoad();
}

/** Whether all sentences are here. */
let isWhole = false;

/**
 * The program's words, in the page's language if it has a sentence for that. Until that is here, other
 * languages than English have none.
 *
 * @param {Wording | undefined} wording
 */
export function says(wording) {
  const { text = "", code = "", values = {} } = wording ?? {};
  if (code === "") return isolate(text);
  const [base = "", kind = ""] = code.split(".");
  const sentence = sentences[code] ?? sentences[base];
  if (sentence === undefined) {
    const hasOwn = isWhole || (language === "en" && text !== "");
    if (!hasOwn) loading ??= loadSentences();
    return hasOwn ? isolate(text) : "";
  }
  const why = fill(sentences[`why.${kind}`] ?? values["reason"] ?? "", values);
  return fill(sentence, { ...values, why });
}

/** @param {string} sentence @param {Readonly<Record<string, string>>} values*/
function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => `\u2068${values[name] ?? ""}\u2069`);
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

/** A number of bytes as people read it. @param {number} bytes */
export function formatSize(bytes) {
  const power = Math.max(
    0,
    Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3)),
  );
  const digits = power === 0 ? 0 : 1;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: UNITS[power] ?? "byte",
    maximumFractionDigits: digits,
    unitDisplay: power === 0 ? "long" : "short",
  }).format(bytes / 1_000 ** power);
}

/** @param {string | number} value */
function format(value) {
  return typeof value === "number" ? value.toLocaleString(language) : value;
}

export const formatTime = formatter({ hour: "2-digit", minute: "2-digit" });
export const formatDay = formatter({ dateStyle: "full" });
export const formatDateTime = formatter({ dateStyle: "medium", timeStyle: "short" });
const formatWeekday = formatter({ weekday: "short" });
const formatDate = formatter({ dateStyle: "short" });

/** The last moment that a date can have. */
const MAX_TIME = 8.64e15;
const DAY_MS = 86_400_000;

/** @param {Intl.DateTimeFormatOptions} options */
function formatter(options) {
  // The region decides how times look, also if the page has no texts in its language.
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

/** A time in the list of chats: shorter the longer ago. @param {number} at */
export function formatAge(at) {
  const now = Date.now();
  if (!isOtherDay(at, now)) return formatTime(at);
  if (!isOtherDay(at, now - DAY_MS)) return t("yesterday");
  return now - at < 6 * DAY_MS ? formatWeekday(at) : formatDate(at);
}

const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
/** Compares two names as people do. @type {(one: string, other: string) => number} */
export const compareNames = (one, other) => collator.compare(one, other);

/** A text without accents, in lower case. @param {string} text */
export function foldText(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
