import { assertEquals } from "@std/assert";
import { reachOf } from "../../../../client/terminal/input/reach.ts";

const FAMILY = "👩‍👩‍👧‍👦";

/** What a key leaves of a line with its cursor at the end, or what it goes over. */
function erased(line: string, key: Parameters<typeof reachOf>[2]): string {
  const points = [...line];
  return points.slice(0, points.length - (reachOf(line, line.length, key)?.count ?? 0)).join("");
}

Deno.test("Backspace takes a character as people see it, however many code points it has", () => {
  for (const character of [FAMILY, "🇩🇪", "e\u0301", "1️⃣", "क्षि", "👋🏿", "한", "世", "x"]) {
    assertEquals(erased(`x${character}`, { name: "backspace" }), "x");
    assertEquals(erased(`x${character}`, { name: "h", ctrl: true }), "x");
    assertEquals(erased(`x${character}`, { name: "left" }), "x");
    const count = [...character].length;
    assertEquals(reachOf(`${character}x`, 0, { name: "delete" }), { name: "delete", count });
    assertEquals(reachOf(`${character}x`, 0, { name: "d", ctrl: true }), { name: "delete", count });
    assertEquals(reachOf(`${character}x`, 0, { name: "right" }), { name: "right", count });
  }
  assertEquals(erased("", { name: "backspace" }), "");
});

Deno.test("a word is made of such characters, in any script", () => {
  const words = [["say ", "привет"], ["a ", "cafe\u0301"], ["x", FAMILY + FAMILY], ["", "naïve "]];
  for (const [before = "", word = ""] of words) {
    for (
      const key of [
        { name: "w", ctrl: true },
        { name: "backspace", meta: true },
        { name: "backspace", ctrl: true },
        { name: "b", meta: true },
        { name: "left", ctrl: true },
      ]
    ) assertEquals(erased(before + word, key), before);
    const { count } = reachOf(`${word.trim()} end`, 0, { name: "d", meta: true }) ?? {};
    assertEquals(count, [...word.trim()].length);
  }
});

Deno.test("other keys are the engine's", () => {
  for (const key of [{ name: "b" }, { name: "d" }, { name: "u", ctrl: true }, { name: "up" }, {}]) {
    assertEquals(reachOf("line", 4, key), undefined);
  }
});
