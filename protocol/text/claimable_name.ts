/** Which names a key can own, so that a server may certify them: by UTS #39, and some more. */

import { ALLOWED, AMBIGUOUS, TWINS } from "./confusable_table.ts";
import {
  describeCharacter,
  describeHidden,
  describeOddLetter,
  usualScripts,
} from "./confusables.ts";
import { reservedWordIn } from "./reserved_words.ts";
import { sanitizeText } from "./sanitize.ts";

const ALSO_ALLOWED = /^[ .'-]$/;
const LETTER_OR_DIGIT = /[\p{L}\p{Nd}]/u;
const NO_LETTER_OR_DIGIT = /[^\p{L}\p{M}\p{Nd}]/gu;
const NOT_ASCII = /[^\x20-\x7e]/;

/**
 * Why no server certifies such a name for a key: it could be made to look like another. A claimed name
 * has only characters with the identifier status Allowed, spaces and `.`, `-`, `'`; letters of one
 * script or of some that are written together; digits of one system and of the letters' script; and
 * no letter by whose case and shape it would be two names.
 *
 * @returns undefined if a key can own it
 *
 * @example
 * ```ts
 * import { describeUncertifiableName } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describeUncertifiableName("Zoë O'Hara"), undefined);
 * assertEquals(
 *   describeUncertifiableName("bᴏb"),
 *   `expected a name of letters, digits, spaces and .-', got "ᴏ" (U+1D0F) in it`,
 * );
 * ```
 */
export function describeUncertifiableName(name: string): string | undefined {
  if (sanitizeText(name) !== name) {
    return `expected a name of visible characters, got the invisible ${describeHidden(name)} in it`;
  }
  const composed = name.normalize("NFC");
  for (const character of composed) {
    if (isAllowed(character) || ALSO_ALLOWED.test(character)) continue;
    const got = describeCharacter(character);
    return `expected a name of letters, digits, spaces and .-', got ${got} in it`;
  }
  if (!LETTER_OR_DIGIT.test(composed)) return "expected a name with a letter or digit, got none";
  const word = reservedWordIn(composed);
  if (word !== undefined) {
    return `expected a name that says nothing of its owner, got the word "${word}" in it`;
  }
  if (!NOT_ASCII.test(composed)) return undefined;
  const letters = composed.normalize("NFKC").replace(NO_LETTER_OR_DIGIT, "");
  if (!usualScripts().some((script) => script.test(letters))) {
    return "expected a name in letters and digits of one script in everyday use, got " +
      `${describeOddLetter(letters)} among others`;
  }
  if (digitSystems(composed) > 1) return "expected a name with digits of one kind, got several";
  const script = apparentScript(composed);
  return script && `expected a name that looks like no other, got one that looks ${script}`;
}

/** How many kinds of digits there are. */
function digitSystems(name: string): number {
  const zeros = Array.from(name.match(/\p{Nd}/gu) ?? [], (digit) => {
    let zero = digit.codePointAt(0) ?? 0; // the ten digits of a kind stand in a row
    while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero--;
    return zero;
  });
  return new Set(zeros).size;
}

/** A script that names may seem to be written in. */
interface Rival {
  /** Letters that look like something in it, and fold otherwise. */
  readonly ambiguous: ReadonlySet<string>;
  /** Letters of others that look like something in it. */
  readonly twins: ReadonlySet<string>;
  readonly own: RegExp;
}

/** By their names; read on first use. */
let rivals: ReadonlyMap<string, Rival> | undefined;

function readRivals(): ReadonlyMap<string, Rival> {
  const lettersOf = (codes = "") =>
    new Set(codes.split(" ").map((code) => String.fromCodePoint(parseInt(code, 36))));
  return new Map(
    Object.entries(AMBIGUOUS).map(([script, codes]) => [script, {
      ambiguous: lettersOf(codes),
      twins: lettersOf(TWINS[script]),
      own: new RegExp(`\\p{scx=${script}}`, "u"),
    }]),
  );
}

/** The script that the whole name seems to be written in, if one of its letters folds otherwise. */
function apparentScript(name: string): string | undefined {
  rivals ??= readRivals();
  const letters = name.normalize("NFD").match(/\p{L}/gu) ?? [];
  for (const [script, { ambiguous, twins, own }] of rivals) {
    if (!letters.some((letter) => ambiguous.has(letter))) continue;
    if (letters.every((letter) => twins.has(letter) || own.test(letter))) return script;
  }
  return undefined;
}

/** First code points of the ranges, ascending, and their last ones; read on first use. */
let ranges: { readonly first: readonly number[]; readonly last: readonly number[] } | undefined;

function isAllowed(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  const { first, last } = ranges ??= readRanges();
  let low = 0;
  for (let high = first.length; low < high;) {
    const middle = (low + high) >> 1;
    if ((first[middle] ?? 0) <= code) low = middle + 1;
    else high = middle;
  }
  return code <= (last[low - 1] ?? -1);
}

function readRanges(): { first: number[]; last: number[] } {
  const [first, last]: [number[], number[]] = [[], []];
  let end = 0;
  for (const range of ALLOWED.split(" ")) {
    const [step = "", length = ""] = range.split(",");
    first.push(end + parseInt(step, 36));
    end += parseInt(step, 36) + parseInt(length, 36);
    last.push(end);
  }
  return { first, last };
}
