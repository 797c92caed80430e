/** What no screen may get: controls, halves, unassigned, line breaks, turners of text, invisibles. */
export const UNSAFE =
  /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u;

/** All 1,114,112 code points, halves of surrogate pairs included. */
export function* everyCharacter(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code++) yield String.fromCodePoint(code);
}
