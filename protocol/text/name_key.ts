import { foldCase } from "./fold_case.ts";

/** Names that need no more than small letters. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/**
 * The form in which names are compared that a user types or others have: letter case, width, the
 * encoding of accents, spaces and invisible characters make no difference.
 *
 * @example
 * ```ts
 * import { nameKey } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nameKey(" Ada  L. "), nameKey("ada l."));
 * assertEquals(["Straße", "İlker"].map(nameKey), ["STRASSE", "ilker"].map(nameKey));
 * ```
 */
export function nameKey(name: string): string {
  return PLAIN.test(name) ? name.toLowerCase() : foldCase(name).normalize("NFC");
}
