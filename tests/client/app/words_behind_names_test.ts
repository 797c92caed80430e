import { assertEquals } from "@std/assert";
import { displayName } from "../../../protocol/mod.ts";
import { wordsBehindNames } from "../../helpers/words_behind_names.ts";

Deno.test("names: one that goes on with a word that stands behind names in any text is in quotes", async () => {
  const words = await wordsBehindNames();
  for (const word of ["is", "edited", "took", "closed", "hat", "متصل"]) {
    assertEquals(words.has(word), true, word);
  }
  const missing = [...words].filter(([word]) => displayName(`Ada ${word} it`).startsWith("Ada"));
  assertEquals(missing, [], "add these to WORDS_BEHIND_NAMES in protocol/text");
});
