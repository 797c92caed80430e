import { assert, assertEquals } from "@std/assert";
import { sendSlowly } from "../bench/slow_send.ts";

const SIZE = 40_000_000;
const RATE = 20_000_000;
/** The client alone has 80 to 120 MiB; with all lines of the file in it, it would have 80 more. */
const BOUND = 150 * 1024;

Deno.test("send: a large file to a peer that reads slowly is not kept in memory, and all of it comes", async () => {
  const { code, bytes, peakKib } = await sendSlowly(SIZE, RATE);
  assertEquals([code, bytes], [0, SIZE]);
  if (peakKib !== undefined) assert(peakKib < BOUND, `${peakKib} KiB`);
});
