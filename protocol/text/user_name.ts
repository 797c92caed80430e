/** The rules for user names, in one place. */

import { limits } from "../limits.ts";

/** Control, surrogate, unassigned; line and paragraph separators; characters that turn text around. */
const NOT_ALLOWED = /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/**
 * Characters that show by themselves: letters, digits, symbols and private characters. Not the fillers among the letters
 * (U+3164 and its like are ignorable), nor the two signs that are drawn as nothing: the braille blank
 * and the musical null notehead.
 */
const VISIBLE =
  /[[\p{L}\p{N}\p{P}\p{S}\p{Co}]--[\p{Default_Ignorable_Code_Point}\u2800\u{1D159}]]/v;

/** The result of {@linkcode checkUserName}. */
export type UserNameCheck =
  | {
    /** The name may be used. */
    readonly ok: true;
    /** The name, trimmed. */
    readonly name: string;
  }
  | {
    /** The name may not be used. */
    readonly ok: false;
    /** Why not. Safe to print. */
    readonly reason: string;
  };

/**
 * Checks a user name against the rules: 1 to 64 UTF-16 code units after trimming; no control,
 * bidirectional, unassigned or half characters; and at least one character that shows by itself, so
 * that nobody has a name that looks like none.
 * See protocol/docs/errors.md, "Names".
 *
 * @example
 * ```ts
 * import { checkUserName } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(checkUserName(" Ada L. "), { ok: true, name: "Ada L." });
 * assertEquals(checkUserName("a\tb").ok, false);
 * ```
 */
export function checkUserName(text: string): UserNameCheck {
  const name = text.trim();
  if (name === "" || name.length > limits.nameUnits) {
    return {
      ok: false,
      reason: `expected a name of 1 to ${limits.nameUnits} characters, got ${name.length}`,
    };
  }
  const bad = NOT_ALLOWED.exec(name);
  if (bad !== null) {
    const code = bad[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    return { ok: false, reason: `expected a name of visible characters, got U+${code} in it` };
  }
  if (!VISIBLE.test(name)) {
    return { ok: false, reason: "expected a name of visible characters, got only invisible ones" };
  }
  return { ok: true, name };
}
