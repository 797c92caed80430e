import { confusableKey } from "./confusables.ts";
import { reservedWordIn } from "./reserved_words.ts";
import { sanitizeName } from "./sanitize.ts";
import { WORDS_BEHIND_NAMES } from "./words_behind_names.ts";

/** Letters, marks and digits, the stand-ins for characters that can't be shown, and pictures, with their joiners. */
const LETTERS = String.raw`\p{L}\p{M}\p{N}\uFFFD\u2400-\u2421\u2423` +
  String
    .raw`[\p{Emoji_Presentation}&&[\u{1F300}-\u{1F64F}\u{1F680}-\u{1F6FF}\u{1F900}-\u{1FAFF}]]\u200C\u200D`;
/** A word of a name that nothing else looks like: signs that mean nothing in a text stand only behind a letter. */
const PLAIN_WORD = new RegExp(
  String.raw`^[${LETTERS}][${LETTERS}.'’_\\~\-·֊׳‐‧゠・]*…?$`,
  "v",
);
const NO_LETTER = /[^\p{L}\p{M}\p{N}]+/u;
/** Signs with a meaning in texts, as which letters of other scripts can pass. */
const MEANINGFUL_SIGN = /[!"#$%&()*+,/:;<=>?@[\]^`{|}]/;
/** Letters of everyday use that look like such a sign, if they stand among Latin ones. */
const SIGN_LIKE_LETTERS = /[ノﾉ丿ःઃ]/gu;
const LATIN = /\p{Script=Latin}/u;
/** How a line of the user's own begins. */
const OWN_LINE = /^\P{L}*you(?!\p{L})/u;

/** By their folded forms; made on first use. */
let wordsBehindNames: ReadonlySet<string> | undefined;

/**
 * A name as it stands in a sentence of a program, safe to print. It stands bare only if it can't be read
 * as anything else: it has letters, digits and a few signs such as `.`, `-`, `'` and `_` behind them; no
 * word with which programs say something of a user; behind its first word none that follows names in their
 * texts; and does not begin like a line of the user's own. Any other stands in quotes that it can't end.
 *
 * @example
 * ```ts
 * import { displayName } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(displayName("Zoë O'Neil"), "Zoë O'Neil");
 * assertEquals(displayName("bob (192.0.2.7), verified"), '"bob (192.0.2.7), verified"');
 * assertEquals(displayName("bob edited"), '"bob edited"');
 * assertEquals(displayName("yоu"), '"yоu"'); // with a Cyrillic letter
 * ```
 */
export function displayName(name: string): string {
  const shown = sanitizeName(name);
  const isMisleading = !isPlain(shown) || reservedWordIn(shown) !== undefined ||
    hasWordBehindName(shown) || looksLikeYou(name);
  return isMisleading ? quote(shown) : shown;
}

/**
 * The name of a room, behind its `#`, as it stands in a sentence of a program, safe to print. No user's
 * name is shown like that.
 *
 * @example
 * ```ts
 * import { displayName, displayRoom } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(displayRoom("#lab"), "#lab");
 * assertEquals(displayRoom("#lab:you"), '#"lab:you"');
 * assertEquals(displayName("#lab"), '"#lab"');
 * ```
 */
export function displayRoom(label: string): string {
  const shown = sanitizeName(label.replace(/^#/, ""));
  return `#${isPlain(shown) && !shown.includes(" ") ? shown : quote(shown)}`;
}

/**
 * Whether a name begins with what looks like "you", as lines of the user's own do.
 *
 * @example
 * ```ts
 * import { looksLikeYou } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["YOU", "уou to bob", "young"].map(looksLikeYou), [true, true, false]);
 * ```
 */
export function looksLikeYou(name: string): boolean {
  return [name, sanitizeName(name)].some((each) => OWN_LINE.test(confusableKey(each)));
}

/** A text from others in quotes that it can't end. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Whether no sign in a name, nor a letter that looks like one, means anything in a text. */
function isPlain(shown: string): boolean {
  if (!shown.split(/\p{Zs}/u).every((word) => PLAIN_WORD.test(word))) return false;
  const letters = LATIN.test(shown) ? shown : shown.replace(SIGN_LIKE_LETTERS, "");
  return !MEANINGFUL_SIGN.test(confusableKey(letters));
}

/** Whether a name goes on like a text that begins with one. */
function hasWordBehindName(shown: string): boolean {
  wordsBehindNames ??= new Set(WORDS_BEHIND_NAMES.split(" ").map(confusableKey));
  const [, ...words] = shown.split(NO_LETTER).filter((word) => word !== "");
  return words.some((word) => wordsBehindNames?.has(confusableKey(word)));
}
