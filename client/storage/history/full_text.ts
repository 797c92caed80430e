/**
 * The indexed text of a message, and the query of a search. A text must be computed in the same way when it
 * is deleted, so a change here is a new version of the schema.
 *
 * @module
 */

/** Scripts that put no spaces between words: each character counts as one. */
const UNSPACED =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/g;
/** The limit of different words in a query. */
const MAX_WORDS = 1_000;
/** A single letter is the beginning of too many words. */
const MIN_PREFIX_LENGTH = 2;
/** Says whether a symbol is drawn in color. */
const VARIATION_SELECTOR = /\ufe0f/g;

/** A text as it is indexed: widths, ligatures and ß make no difference. The index ignores case and accents. */
export function fullTextOf(text: string): string {
  return text.replaceAll("\0", " ").normalize("NFKC").replace(/[ßẞ]/g, "ss")
    .replace(UNSPACED, " $& ").toWellFormed();
}

/** The query of a search. */
export interface FullTextQuery {
  /** A full-text query for all words; undefined if there is none. */
  readonly words: string | undefined;
  /** Words without letters and digits, such as 👍 or `:-)`, which the index does not have. */
  readonly symbols: readonly string[];
}

/**
 * A query for all words, in any order; each may be the beginning of a longer one. The words have no
 * operators.
 *
 * @throws {SyntaxError} if there are too many words
 *
 * @example
 * ```ts
 * import { fullTextQuery } from "./full_text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fullTextQuery("lunch OR x 👍"), { words: '"lunch" * "OR" * "x"', symbols: ["👍"] });
 * assertEquals(fullTextQuery(" "), { words: undefined, symbols: [] });
 * ```
 */
export function fullTextQuery(text: string): FullTextQuery {
  const all = new Set(text.split(/[\s\0]+/u).filter((word) => word !== ""));
  if (all.size > MAX_WORDS) {
    throw new SyntaxError(`Expected at most ${MAX_WORDS} words to search for, got ${all.size}`);
  }
  const [words, symbols] = [
    [...all].filter(hasLetters),
    [...all].filter((each) => !hasLetters(each)),
  ];
  return {
    words: words.length === 0 ? undefined : words.map(phraseOf).join(" "),
    symbols: symbols.map((each) => each.replace(VARIATION_SELECTOR, "")).filter((each) =>
      each !== ""
    ),
  };
}

function hasLetters(word: string): boolean {
  return /[\p{L}\p{N}]/u.test(word.normalize("NFKC"));
}

function phraseOf(word: string): string {
  const text = fullTextOf(word).trim();
  const letters = text.match(/[\p{L}\p{N}]+/gu)?.at(-1) ?? "";
  const begins = letters.length >= MIN_PREFIX_LENGTH ? " *" : "";
  return `"${text.replaceAll('"', '""')}"${begins}`;
}
