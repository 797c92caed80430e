import { sanitizeText } from "./sanitize.ts";

const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;
const NO_LETTER = /[^\p{L}\p{M}]/gu;
/** Scripts that are written together. */
const TOGETHER = ["Latin Han Hiragana Katakana", "Latin Han Bopomofo", "Latin Han Hangul"];
/** The other scripts in everyday use (UAX #31, table 5). */
const ALONE =
  "Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi " +
  "Hebrew Kannada Khmer Lao Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan";
/** Made on first use: it takes some milliseconds, and a program's start needs none of it. */
let scripts: RegExp[] | undefined;

function usualScripts(): RegExp[] {
  return scripts ??= [...TOGETHER, ...ALONE.split(" ")].map((names) => {
    const classes = ["Common", "Inherited", ...names.split(" ")].map((name) => `\\p{scx=${name}}`);
    return new RegExp(`^[${classes.join("")}]*$`, "u");
  });
}

/** Small letters of Cyrillic, Greek and Armenian that look like a Latin one, or whose capitals do. */
const LOOKS_LIKE = new Map<string, string>([
  ...pairs("аеорсухіјѕһԁԛԝвкмнтӏү", "aeopcyxijshdqwbkmhtly"),
  ...pairs("αβεζηικμνορτυχ", "abezhikmnoptux"),
  ...pairs("օսոհց", "ounhg"),
]);

/**
 * Why no key may own such a name: it has invisible characters, or mixes scripts, and could so be made
 * to look like another.
 *
 * @returns undefined if a key may own it
 */
export function describeUnclaimableName(name: string): string | undefined {
  if (sanitizeText(name) !== name) {
    return "expected a name of visible characters, got invisible ones in it";
  }
  const letters = name.normalize("NFKC").replace(NO_LETTER, "");
  if (usualScripts().some((script) => script.test(letters))) return undefined;
  return "expected a name in letters of one script in everyday use, got others or several";
}

/**
 * The form in which names that look alike are equal: letter case, width, the encoding of accents,
 * blanks, invisible characters, and letters of Cyrillic, Greek and Armenian that look like Latin ones
 * make no difference.
 *
 * @example
 * ```ts
 * import { confusableKey } from "@mim/mim";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(confusableKey("ＡＤＡ  L."), confusableKey("ada l."));
 * assertEquals(confusableKey("аdа"), confusableKey("ada")); // two of them are Cyrillic
 * assertEquals(confusableKey("Straße"), confusableKey("STRASSE"));
 * ```
 */
export function confusableKey(name: string): string {
  const plain = name.normalize("NFKC").replace(IGNORABLE, "").replace(/\s+/gu, " ").trim();
  // One by one: a sigma at the end of a word would become another letter.
  const folded = Array.from(plain, (character) => character.toUpperCase().toLowerCase()).join("");
  // Without accents, so that letters of other scripts find their Latin counterpart.
  const letters = Array.from(
    folded.normalize("NFKD"),
    (letter) => LOOKS_LIKE.get(letter) ?? letter,
  );
  return letters.join("").normalize("NFC");
}

function pairs(from: string, to: string): [string, string][] {
  const latin = [...to];
  return Array.from(from, (character, at) => [character, latin[at] ?? character]);
}
