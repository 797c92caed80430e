/**
 * The indexed text of a message, and the query of a search. A text must be computed in the same way when it
 * is deleted, so a change here is a new version of the schema.
 *
 * @module
 */

/** Scripts that put no spaces between words: each character counts as one. */
const UNSPACED =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/g;
/** The limit of words in a query; the index has one of its own. */
const MAX_WORDS = 32;
/** A single letter is the beginning of too many words. */
const MIN_PREFIX_LENGTH = 2;

/** A text as it is indexed. */
export function fullTextOf(text: string): string {
  return text.replaceAll("\0", " ").replace(UNSPACED, " $& ").toWellFormed();
}

/**
 * A full-text query for all words, in any order; the last one may be the beginning of a longer word. The
 * words have no operators.
 *
 * @returns undefined if there is no word
 *
 * @example
 * ```ts
 * import { fullTextQuery } from "./full_text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fullTextQuery("lunch OR no"), '"lunch" "OR" "no" *');
 * assertEquals(fullTextQuery(" "), undefined);
 * ```
 */
export function fullTextQuery(words: string): string | undefined {
  const phrases = words.split(/[\s\0]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word))
    .slice(0, MAX_WORDS)
    .map((word) => `"${fullTextOf(word).trim().replaceAll('"', '""')}"`);
  const last = phrases.at(-1);
  if (last === undefined) return undefined;
  const letters = last.match(/[\p{L}\p{N}]+/gu)?.at(-1) ?? "";
  const begins = letters.length >= MIN_PREFIX_LENGTH ? " *" : "";
  return phrases.join(" ") + begins;
}
