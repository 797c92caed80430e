/**
 * What of a message can be searched for, and how a search is put. What is indexed once has to be
 * computed the same way when it is deleted: a change here is a new version of the schema.
 *
 * @module
 */

/** Scripts that put no spaces between words: each character counts as one. */
const UNSPACED =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/g;
/** More words than anybody types; the index has a limit of its own. */
const MAX_WORDS = 32;
/** A single letter begins too many words. */
const MIN_PREFIX_LENGTH = 2;

/** The text as the index takes it in. */
export function fullTextOf(text: string): string {
  return text.replaceAll("\0", " ").replace(UNSPACED, " $& ").toWellFormed();
}

/**
 * What a user looks for as a full-text query: each word as it stands, in any order, and of the last
 * one also longer words that it begins. Nothing in the words has a meaning of its own.
 *
 * @returns undefined where there is no word
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
