/**
 * The form in which names are compared: letter case, width, spaces and invisible characters make no
 * difference.
 *
 * @example
 * ```ts
 * import { nameKey } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nameKey(" Ada  L. "), nameKey("ada l."));
 * ```
 */
export function nameKey(name: string): string {
  return name.normalize("NFKC").replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toLowerCase().replace(/\s+/g, " ").trim();
}
