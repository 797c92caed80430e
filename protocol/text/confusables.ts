import { CONFUSABLE_FOLDS } from "./confusable_table.ts";
import { foldCase } from "./fold_case.ts";
import { sanitizeText } from "./sanitize.ts";

const NO_LETTER = /[^\p{L}\p{M}]/gu;
/** Scripts that are written together. */
const TOGETHER = ["Latin Han Hiragana Katakana", "Latin Han Bopomofo", "Latin Han Hangul"];
/** The other scripts in everyday use (UAX #31, table 5). */
const ALONE =
  "Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi " +
  "Hebrew Kannada Khmer Lao Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan";
/** Made on first use: it takes some milliseconds, and a program's start needs none of it. */
let scripts: RegExp[] | undefined;

/** Sets of scripts, of which the letters of a name are all in one. */
export function usualScripts(): RegExp[] {
  return scripts ??= [...TOGETHER, ...ALONE.split(" ")].map((names) => {
    const classes = ["Common", "Inherited", ...names.split(" ")].map((name) => `\\p{scx=${name}}`);
    return new RegExp(`^[${classes.join("")}]*$`, "u");
  });
}

/** A character as an error names it. */
export function describeCharacter(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return sanitizeText(character) === character ? `"${character}" (U+${code})` : `U+${code}`;
}

/** The first letter that does not go with most of the others, as an error names it. */
export function describeOddLetter(letters: string): string {
  const characters = Array.from(letters);
  const odd = usualScripts().map((script) => characters.filter((one) => !script.test(one)))
    .toSorted((one, other) => one.length - other.length)[0]?.[0];
  return describeCharacter(odd ?? characters[0] ?? "");
}

/**
 * Why no key may own such a name: it has invisible characters, or mixes scripts, and could so be made
 * to look like another.
 *
 * @returns undefined if a key may own it
 */
export function describeUnclaimableName(name: string): string | undefined {
  if (sanitizeText(name) !== name) {
    return `expected a name of visible characters, got the invisible ${describeHidden(name)} in it`;
  }
  const letters = name.normalize("NFKC").replace(NO_LETTER, "");
  if (usualScripts().some((script) => script.test(letters))) return undefined;
  return "expected a name in letters of one script in everyday use, got " +
    `${describeOddLetter(letters)} among others`;
}

/** The first character of a name that is not shown as it is. */
export function describeHidden(name: string): string {
  const hidden = Array.from(name).find((character) => sanitizeText(character) !== character);
  return describeCharacter(hidden ?? "\u200b");
}

/**
 * The form in which names that look alike are equal, by the data of UTS #39: letter case, width, the
 * encoding of accents, blanks, invisible characters, and characters that look like others make no
 * difference. Claims, pins and warnings compare names by it. Only what {@linkcode mistakableKey} joins
 * besides is told apart.
 *
 * @example
 * ```ts
 * import { confusableKey } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(confusableKey("ＡＤＡ  L."), confusableKey("ada l."));
 * assertEquals(confusableKey("аdа"), confusableKey("ada")); // two of them are Cyrillic
 * assertEquals(confusableKey("Groẞ"), confusableKey("gross"));
 * ```
 */
export function confusableKey(name: string): string {
  const letters = foldCase(name);
  if (PLAIN.test(letters)) return letters;
  folds ??= readFolds();
  const folded = Array.from(letters, (letter) => folds?.get(letter) ?? letter).join("");
  return folded.normalize("NFC");
}

/**
 * The form in which names are equal that a hasty reader may mistake for each other: `confusableKey`
 * where also `l`, `I` and `1`, `0` and `O`, and `rn` and `m` make no difference. It is for warnings
 * only: such names are two.
 *
 * @example
 * ```ts
 * import { confusableKey, mistakableKey } from "@mim/mim/protocol";
 * import { assertEquals, assertNotEquals } from "@std/assert";
 *
 * assertEquals(mistakableKey("B0rnIce"), mistakableKey("bomlce"));
 * assertNotEquals(confusableKey("B0rnIce"), confusableKey("bomlce"));
 * ```
 */
export function mistakableKey(name: string): string {
  const letters = confusableKey(name).normalize("NFD"); // an accent changes nothing about it
  return letters.replace(/[i1]/g, "l").replaceAll("0", "o").replaceAll("m", "rn").normalize("NFC");
}

/** Letters that fold to themselves. */
const PLAIN = /^[ a-z\d.-]*$/;
/** Read on first use. */
let folds: Map<string, string> | undefined;

function readFolds(): Map<string, string> {
  const read = new Map<string, string>();
  for (const group of CONFUSABLE_FOLDS.split(" ")) {
    const [fold = "", steps = ""] = group.split(":");
    const text = String.fromCodePoint(...fold.split(".").map((code) => parseInt(code, 36)));
    let code = 0;
    for (const step of steps.split(",")) {
      code += parseInt(step, 36);
      read.set(String.fromCodePoint(code), text);
    }
  }
  return read;
}
