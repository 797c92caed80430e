import { reservedWordIn, sanitizeName } from "../../protocol/mod.ts";

/** Signs that MIM itself puts behind a name: an address, flags, what somebody says. */
const OWN_SIGNS = /[(),":]/;

/**
 * A name as it stands in a sentence of the program, safe to print. One that has signs of such a sentence, or
 * a word with which MIM says something of a user, stands in quotes, as `"bob (192.0.2.7), verified"`, so that it can't be taken for what the program says of
 * somebody. No key can own such a name, but for a colon.
 */
export function displayName(name: string): string {
  const shown = sanitizeName(name);
  const word = reservedWordIn(shown);
  // "you" stands with its address wherever it could be taken for the user.
  const isMisleading = OWN_SIGNS.test(shown) || word !== undefined && word !== "you";
  return isMisleading ? quote(shown) : shown;
}

/** A text from others in quotes that it can't end. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
