import { confusableKey } from "./confusables.ts";

/** Words that programs show for a user, in lists and events. */
const FLAGS = [
  ...["classic", "unconfirmed", "pinned", "verified", "changed", "unreachable", "not-owner"],
  ...["renamed", "look-alike"],
];
/** These mean something only if the whole name is such a word. */
const WHOLE_NAMES = [
  "new",
  "you",
  "me",
  "away",
  "busy",
  "online",
  "offline",
  "error",
  "note",
  "mim",
];

/** By their folded forms; made on first use. */
let words:
  | { readonly anywhere: ReadonlyMap<string, string>; readonly whole: ReadonlyMap<string, string> }
  | undefined;

/**
 * The word in a name with which programs say something about a user, so that a row of a list could be read
 * as if it said that; undefined if there is none. Letters that look alike make no difference.
 *
 * @example
 * ```ts
 * import { reservedWordIn } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(reservedWordIn("bob vеrified"), "verified"); // with a Cyrillic letter
 * assertEquals(reservedWordIn("You"), "you");
 * assertEquals(reservedWordIn("Anthony New"), undefined);
 * ```
 */
export function reservedWordIn(name: string): string | undefined {
  words ??= { anywhere: byFoldedForm(FLAGS), whole: byFoldedForm(WHOLE_NAMES) };
  const folded = confusableKey(name).trim();
  const whole = words.whole.get(folded);
  if (whole !== undefined) return whole;
  for (const part of folded.split(/[ ()[\],;:."'|/]+/)) {
    const word = words.anywhere.get(part);
    if (word !== undefined) return word;
  }
  return undefined;
}

function byFoldedForm(all: readonly string[]): Map<string, string> {
  return new Map(all.map((word) => [confusableKey(word), word]));
}
