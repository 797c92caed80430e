import { assert, assertEquals } from "@std/assert";
import { splitText } from "../../../../client/core/chats/split_text.ts";
import { graphemesOf, limits } from "../../../../protocol/mod.ts";

Deno.test("a long text is cut between characters as people see them, and nothing of it is lost", () => {
  const family = "👩‍👩‍👧‍👦";
  for (let shift = 0; shift < 25; shift++) {
    const text = "x".repeat(limits.textBytes - shift) + family.repeat(40);
    const parts = splitText(text);
    assertEquals(parts.join(""), text);
    for (const part of parts) {
      assert(new TextEncoder().encode(part).length <= limits.textBytes);
      const ends = [...graphemesOf(part)].filter((each) => each !== "x");
      assert(ends.every((each) => each === family), ends.join(" "));
    }
  }
});
