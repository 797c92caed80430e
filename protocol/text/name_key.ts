/** A name as it is compared: case, runs of spaces and invisible characters make no difference. */
export function nameKey(name: string): string {
  return name.normalize("NFKC").replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    .toLowerCase().replace(/\s+/g, " ").trim();
}
