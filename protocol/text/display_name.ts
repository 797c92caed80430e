import { confusableKey } from "./confusables.ts";
import { reservedWordIn } from "./reserved_words.ts";
import { sanitizeName } from "./sanitize.ts";

/** Signs that programs put behind a name: an address, flags, what somebody says. */
const OWN_SIGNS = /[(),":]/;
/** How a line of the user's own begins. */
const OWN_LINE = /^\P{L}*you(?!\p{L})/u;

/**
 * A name as it stands in a sentence of a program, safe to print. One that has signs of such a sentence, a
 * word with which programs say something of a user, or begins like a line of the user's own, stands in
 * quotes that it can't end. No key can own such a name, but for one that has a colon or begins with "you".
 *
 * @example
 * ```ts
 * import { displayName } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(displayName("bob"), "bob");
 * assertEquals(displayName("bob (192.0.2.7), verified"), '"bob (192.0.2.7), verified"');
 * assertEquals(displayName("yоu"), '"yоu"'); // with a Cyrillic letter
 * ```
 */
export function displayName(name: string): string {
  const shown = sanitizeName(name);
  const isMisleading = OWN_SIGNS.test(shown) || reservedWordIn(shown) !== undefined ||
    looksLikeYou(name);
  return isMisleading ? quote(shown) : shown;
}

/**
 * Whether a name begins with what looks like "you", as lines of the user's own do.
 *
 * @example
 * ```ts
 * import { looksLikeYou } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["YOU", "уou to bob", "young"].map(looksLikeYou), [true, true, false]);
 * ```
 */
export function looksLikeYou(name: string): boolean {
  return [name, sanitizeName(name)].some((each) => OWN_LINE.test(confusableKey(each)));
}

/** A text from others in quotes that it can't end. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
