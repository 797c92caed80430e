/** The rules for the names of rooms. */

import { checkUserName, confusableKey, type UserNameCheck } from "../../text/mod.ts";

/** What is not seen; but emoji and scripts need joiners, variations and tags. */
const INVISIBLE =
  /(?![\u200c\u200d\ufe0e\ufe0f\u{e0020}-\u{e007f}])[\p{Default_Ignorable_Code_Point}\p{Cf}]/u;

/**
 * Checks the name of a room, without its `#`, against the rules: those of a user name, no blanks, no `#`
 * at the start, nothing that looks like the name of the lobby, and no tag at the end (`~` and four
 * hexadecimal digits), which tells rooms of one name apart.
 *
 * @example
 * ```ts
 * import { checkRoomName } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(checkRoomName("lab"), { ok: true, name: "lab" });
 * assertEquals(checkRoomName("the lab").ok, false);
 * assertEquals(checkRoomName("lab~8e38").ok, false);
 * ```
 */
export function checkRoomName(text: string): UserNameCheck {
  const check = checkUserName(text);
  if (!check.ok) return check;
  if (/\s/.test(check.name)) {
    return { ok: false, reason: "expected a room's name without blanks, got one with some" };
  }
  if (INVISIBLE.test(check.name)) {
    return { ok: false, reason: "expected a room's name that is seen, got invisible characters" };
  }
  if (check.name.startsWith("#")) {
    return { ok: false, reason: "expected a room's name without its #, got one with it" };
  }
  const folded = confusableKey(check.name);
  if (folded === "lobby") {
    return { ok: false, reason: "expected another name, got that of the lobby" };
  }
  if ([check.name, folded].some((name) => /~[0-9a-f]{4}$/i.test(name))) {
    return { ok: false, reason: "expected a room's name without a tag, got one with it" };
  }
  return check;
}
