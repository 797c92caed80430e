/** Characters as people see them: grapheme clusters (UAX #29). */

/** Longer than any emoji or syllable, in UTF-16 units: what goes on beyond it may be cut. */
const MAX_GRAPHEME_UNITS = 64;

let segmenter: Intl.Segmenter | undefined;

/**
 * The characters of a text as people see them, each of which may be several code points.
 *
 * @example
 * ```ts
 * import { graphemesOf } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(graphemesOf("e\u0301👩‍🚀"), ["e\u0301", "👩‍🚀"]);
 * ```
 */
export function graphemesOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en");
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/**
 * The beginning of a text, at most so many UTF-16 units long, that ends with a whole character as
 * people see it.
 *
 * @example
 * ```ts
 * import { sliceGraphemes } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sliceGraphemes("a👩‍🚀b", 4), "a");
 * assertEquals(sliceGraphemes("a👩‍🚀b", 6), "a👩‍🚀");
 * ```
 */
export function sliceGraphemes(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text;
  segmenter ??= new Intl.Segmenter("en");
  const start = text.slice(0, maxUnits + MAX_GRAPHEME_UNITS);
  const end = segmenter.segment(start).containing(maxUnits)?.index ?? maxUnits;
  if (maxUnits - end <= MAX_GRAPHEME_UNITS) return text.slice(0, end);
  return text.slice(0, maxUnits).replace(/[\uD800-\uDBFF]$/, "");
}

/**
 * A text, or its beginning and `…` if it is longer than so many UTF-16 units.
 *
 * @example
 * ```ts
 * import { shorten } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shorten("🚀🚀🚀", 6), "🚀🚀🚀");
 * assertEquals(shorten("🚀🚀🚀🚀", 6), "🚀🚀…");
 * ```
 */
export function shorten(text: string, maxUnits: number): string {
  return text.length <= maxUnits ? text : `${sliceGraphemes(text, maxUnits - 1).trimEnd()}…`;
}
