import { assert, assertEquals, assertMatch } from "@std/assert";
import { growth, type Sample, svg } from "./trend.ts";

function samples(memory: (time: number) => number): Sample[] {
  return Array.from({ length: 61 }, (_, i) => ({ time: 120 + i * 10, memory: memory(i), lag: i }));
}

Deno.test("growth is that of the line through all samples, not of the last one", () => {
  assertEquals(growth(samples(() => 100)), 0);
  assert(Math.abs(growth(samples((i) => 100 + i / 6)) - 0.1) < 1e-9);
  assert(Math.abs(growth(samples((i) => i === 60 ? 150 : 100))) < 0.05);
  assert(growth(samples((i) => 200 - i)) < 0);
  assert(Number.isNaN(growth([])));
});

Deno.test("the plot is an SVG document with a line each for memory and lag", () => {
  const document = svg(samples((i) => 100 + i), "a soak");
  assertMatch(document, /^<svg xmlns/);
  assertEquals(document.match(/<polyline/g)?.length, 2);
  assertEquals(document.match(/NaN|Infinity|undefined/), null);
});
