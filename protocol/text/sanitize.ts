/** Makes strings from outside safe to show on a screen or in a log. */

import { limits } from "../limits.ts";
import { sliceGraphemes } from "./graphemes.ts";

/** Scripts that need the invisible joiners between their letters. */
const JOINED =
  "Arabic Syriac Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada " +
  "Malayalam Sinhala Khmer Myanmar";
/** Made on first use, since that takes a millisecond. */
let unsafe: RegExp | undefined;

/** Characters that must not be shown, as a group, or invisible parts of visible text. */
function makeUnsafe(): RegExp {
  const raw = String.raw;
  // These move the cursor, turn text around, or can't be seen.
  const hidden =
    raw`\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}`;
  const scripts = JOINED.split(" ").map((script) => raw`\p{Script=${script}}`).join("");
  const letter = `[[${scripts}]--[${hidden}]]`;
  const picture = raw`[\p{Extended_Pictographic}--\p{Cn}]`; // without unassigned characters
  const visible = [
    raw`(?<=\p{Emoji})[\uFE0E\uFE0F]`,
    raw`(?<=${picture}|\p{Emoji_Modifier}|[${picture}&&\p{Emoji}]\uFE0F)\u200D(?=${picture})`,
    raw`(?<=${letter})[\u200C\u200D](?=${letter})`,
  ];
  return new RegExp(`(?:${visible.join("|")})|([${hidden}])`, "gv");
}

/** More marks over one letter than any language puts there; a joiner starts no new letter. */
const STACKED_MARKS =
  /(\p{M}(?:[\u200C\u200D]?\p{M}){7})[\u200C\u200D]?\p{M}[\p{M}\u200C\u200D]*/gu;
/** Text with nothing to look at: ASCII and Latin-1 letters. */
const PLAIN = /^[\x20-\x7e\xa0-\xac\xae-\xff]*$/;

/**
 * Makes a string from outside safe to show in one line: each control character, line break,
 * bidirectional control, invisible, half or unassigned character becomes a visible stand-in (the
 * picture of the control character, `␛` for ESC, else `�`), and over eight combining marks on one
 * letter become eight and a `�`. The result cannot move a cursor, start an escape sequence, hide, or
 * turn the text around it. Text without such characters comes back as it is.
 *
 * @example
 * ```ts
 * import { sanitizeText } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sanitizeText("red \x1b[31m"), "red ␛[31m");
 * assertEquals(sanitizeText("txt.\u202Eexe"), "txt.\uFFFDexe");
 * assertEquals(sanitizeText("naïve 👩‍🚀"), "naïve 👩‍🚀");
 * ```
 */
export function sanitizeText(text: string): string {
  if (PLAIN.test(text)) return text;
  unsafe ??= makeUnsafe();
  return text.replace(STACKED_MARKS, "$1\uFFFD")
    .replace(unsafe, (match, hidden?: string) => hidden === undefined ? match : standIn(hidden));
}

/** Symbols that are drawn as nothing: the braille blank, the musical null notehead. */
const BLANK = /[\u2800\u{1D159}]/gu;
const OUTER_SPACES = /^\p{Zs}+|\p{Zs}+$/gu;

/**
 * A name or an address from outside as {@linkcode sanitizeText} shows it, and at most
 * {@linkcode limits}.nameUnits of its UTF-16 code units: longer ones, which a server may send but no
 * user can have, end in `…`. Invisible parts get stand-ins: `␣` for a space at either
 * end, `�` for blank symbols and if nothing stands by itself.
 *
 * @example
 * ```ts
 * import { sanitizeName } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sanitizeName("ada\x1b"), "ada␛");
 * assertEquals(sanitizeName("a".repeat(65)), "a".repeat(64) + "…");
 * assertEquals(sanitizeName("ada "), "ada␣");
 * ```
 */
export function sanitizeName(name: string): string {
  if (name.length <= limits.nameUnits) return visible(sanitizeText(name));
  return `${visible(sanitizeText(sliceGraphemes(name, limits.nameUnits)))}…`;
}

function visible(name: string): string {
  const shown = name.replace(BLANK, "\uFFFD")
    .replace(OUTER_SPACES, (spaces) => "␣".repeat(spaces.length));
  return /^\p{M}*$/u.test(shown) ? `\uFFFD${shown}` : shown;
}

function standIn(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\uFFFD";
}
