import { assertEquals, assertThrows } from "@std/assert";
import { median, percentile, summarize } from "./statistics.ts";

const HUNDRED = Array.from({ length: 100 }, (_, index) => 100 - index);

Deno.test("a percentile is the value that so many don't exceed", () => {
  assertEquals(percentile(HUNDRED, 0.99), 99);
  assertEquals(percentile(HUNDRED, 0.5), 50);
  assertEquals(percentile(HUNDRED, 1), 100);
  assertEquals(percentile(HUNDRED, 0.001), 1);
  assertEquals(percentile([7], 0.99), 7);
  assertEquals(percentile(HUNDRED.slice(0, 40), 0.99), 100, "of 40 values it is the largest");
});

Deno.test("the median is the middle, or between the two in the middle", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([1, 10, 3, 5]), 4);
  assertEquals(median([10, 9]), 9.5);
  assertEquals(median(HUNDRED), 50.5);
  for (let count = 2; count <= 400; count += 2) {
    const values = Array.from({ length: count }, (_, index) => index);
    assertEquals(median(values), (count - 1) / 2, `of ${count} values`);
  }
});

Deno.test("a summary leaves the values as they are", () => {
  const values = [3, 1, 2];
  assertEquals(summarize(values), { median: 2, min: 1, max: 3 });
  assertEquals(values, [3, 1, 2]);
});

Deno.test("nothing has no median and no percentile", () => {
  assertThrows(() => median([]), RangeError);
  assertThrows(() => percentile([], 0.5), RangeError);
  assertThrows(() => percentile([1], 0), RangeError);
  assertThrows(() => percentile([1], 1.1), RangeError);
});
