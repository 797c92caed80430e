/** Names that end like the tag of a key: programs call users so whose names nothing confirms. */

import { checkUserName, confusableKey, type UserNameCheck } from "../text/mod.ts";
import { keyTag } from "./identity.ts";

/** ASCII without `~`, which looks like nothing else. Most names are that, and folding takes its time. */
const PLAIN = /^[ -}]*$/;
/** In the folded name. */
const LIKE_TAG = /~\S{4,6}[^\s\p{L}\p{N}]\S{4,6}$/u;

/**
 * Whether a name looks as if it ended with `~` and the tag of a key.
 *
 * @example
 * ```ts
 * import { endsLikeTag } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["bob~27vi-d2fq", "bob~27"].map(endsLikeTag), [true, false]);
 * ```
 */
export function endsLikeTag(name: string): boolean {
  return !PLAIN.test(name) && LIKE_TAG.test(confusableKey(name));
}

/**
 * Checks the name of a user with a key: by the rules for user names, and it doesn't end like the tag of
 * another key, since it would mean somebody else.
 * See protocol/docs/errors.md, "Names".
 *
 * @param identity the user's public key, 32 bytes
 *
 * @example
 * ```ts
 * import { checkKeyName, keyTag } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const key = new Uint8Array(32);
 * assertEquals(checkKeyName(`bob~${keyTag(key)}`, key).ok, true);
 * assertEquals(checkKeyName("bob~27vi-d2fq", key).ok, false);
 * ```
 */
export function checkKeyName(text: string, identity: Uint8Array): UserNameCheck {
  const check = checkUserName(text);
  const tag = keyTag(identity);
  if (!check.ok || !endsLikeTag(check.name) || check.name.endsWith(`~${tag}`)) return check;
  return {
    ok: false,
    reason: `expected a name that ends with no key's tag, or with that of its own key, ~${tag}, ` +
      "got one that ends like that of another key",
  };
}
