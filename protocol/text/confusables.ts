import { sanitizeText } from "../mod.ts";

const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;
const LETTER = /[\p{L}\p{M}]/u;
const EVERYWHERE = String.raw`\p{scx=Common}\p{scx=Inherited}`;
/** Scripts that are written together. */
const TOGETHER = [
  String.raw`\p{scx=Latin}\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}`,
  String.raw`\p{scx=Latin}\p{scx=Han}\p{scx=Bopomofo}`,
  String.raw`\p{scx=Latin}\p{scx=Han}\p{scx=Hangul}`,
].map((scripts) => new RegExp(`^[${scripts}${EVERYWHERE}]*$`, "u"));
/** Those in everyday use (UAX #31, table 5) that are not among the above. */
const ALONE = [
  "Arabic",
  "Armenian",
  "Bengali",
  "Cyrillic",
  "Devanagari",
  "Ethiopic",
  "Georgian",
  "Greek",
  "Gujarati",
  "Gurmukhi",
  "Hebrew",
  "Kannada",
  "Khmer",
  "Lao",
  "Malayalam",
  "Myanmar",
  "Oriya",
  "Sinhala",
  "Tamil",
  "Telugu",
  "Thaana",
  "Thai",
  "Tibetan",
].map((script) => new RegExp(String.raw`^[\p{scx=${script}}${EVERYWHERE}]*$`, "u"));

/** Small letters of Cyrillic, Greek and Armenian that look like one of Latin, or do as capitals. */
const LOOKS_LIKE = new Map<string, string>([
  ...pairs("аеорсухіјѕһԁԛԝвкмнтӏү", "aeopcyxijshdqwbkmhtly"),
  ...pairs("αβεζηικμνορτυχ", "abezhikmnoptux"),
  ...pairs("օսոհց", "ounhg"),
]);

/**
 * Why nobody may own such a name: it could be made to look like somebody else's. What hides in it, or
 * letters of scripts that are not written together.
 *
 * @returns undefined where there is nothing against it
 */
export function describeUnclaimableName(name: string): string | undefined {
  if (sanitizeText(name) !== name) {
    return "expected a name of visible characters, got invisible ones in it";
  }
  const letters = [...name.normalize("NFKC")].filter((character) => LETTER.test(character)).join(
    "",
  );
  if ([...TOGETHER, ...ALONE].some((scripts) => scripts.test(letters))) return undefined;
  return "expected a name in letters of one script in everyday use, got others or several";
}

/**
 * What names that are to be told apart by nobody have in common: case, width, accents written in one
 * character or two, blanks, what is invisible, and letters of Cyrillic, Greek and Armenian that look
 * like Latin ones make no difference.
 *
 * @example
 * ```ts
 * import { foldName } from "./confusables.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(foldName("ＡＤＡ  L."), foldName("ada l."));
 * assertEquals(foldName("аdа"), foldName("ada")); // two of them are Cyrillic
 * assertEquals(foldName("Straße"), foldName("STRASSE"));
 * ```
 */
export function foldName(name: string): string {
  const plain = name.normalize("NFKC").replace(IGNORABLE, "").replace(/\s+/gu, " ").trim();
  // One by one: a sigma at the end of a word would be another letter than elsewhere.
  const folded = Array.from(plain, (character) => character.toUpperCase().toLowerCase()).join("");
  // Without their accents, so that those of other scripts find theirs in Latin.
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
