import { assertEquals } from "@std/assert";
import { BroadcastLatency } from "../../../server/presence/broadcast_latency.ts";

/** A probe with readers who are at these offsets, and what it has measured. */
class Measured {
  readonly times: number[] = [];
  readonly #probe = new BroadcastLatency((time) => this.times.push(time));
  readonly readers: { cursor: number | undefined }[];

  constructor(...cursors: (number | undefined)[]) {
    this.readers = cursors.map((cursor) => ({ cursor }));
  }

  start(end: number, now: number): void {
    this.#probe.start(end, this.readers, now);
  }

  move(index: number, after: number | undefined, now: number): void {
    const reader = this.readers[index] ?? { cursor: undefined };
    const before = reader.cursor;
    reader.cursor = after;
    this.#probe.moved(reader, before, after, () => now);
  }

  tick(now: number): void {
    this.#probe.tick(now);
  }
}

Deno.test("the time is that of the last reader to get there, those who leave included", () => {
  const probe = new Measured(0, 50, 20, 100);
  probe.start(100, 1_000);
  probe.move(0, 100, 1_005);
  probe.move(1, 80, 1_006);
  probe.move(2, undefined, 1_007);
  assertEquals(probe.times, []);
  probe.move(1, 130, 1_020);
  assertEquals(probe.times, [20]);
});

Deno.test("one update at a time is measured, and none that nobody waits for", () => {
  const probe = new Measured(undefined, 100);
  probe.start(100, 0);
  probe.start(200, 10);
  probe.start(300, 20);
  probe.move(1, 300, 30);
  probe.move(0, 300, 40);
  assertEquals(probe.times, [20]);
  probe.start(400, 50);
  probe.move(0, 400, 55);
  probe.move(1, 400, 56);
  assertEquals(probe.times, [20, 6]);
});

Deno.test("one who never reads is waited for once, and hides nothing about the others", () => {
  const probe = new Measured(0, 0);
  probe.start(10, 0);
  probe.move(0, 10, 3);
  probe.tick(9_999);
  assertEquals(probe.times, []);
  probe.tick(10_000);
  assertEquals(probe.times, [3], "the others had it in 3 ms");
  probe.start(20, 20_000);
  probe.move(0, 20, 20_004);
  assertEquals(probe.times, [3, 4], "at once, from then on");
  probe.start(30, 30_000);
  probe.move(1, 30, 30_002);
  probe.move(0, 30, 30_005);
  assertEquals(probe.times, [3, 4, 5], "and one that catches up meanwhile counts for no other");
  probe.start(40, 40_000);
  probe.move(0, 40, 40_001);
  probe.move(1, 40, 40_006);
  assertEquals(probe.times, [3, 4, 5, 6], "once it has caught up it counts again");
});

Deno.test("where nobody takes an update in time, the time until then is what is measured", () => {
  const probe = new Measured(0);
  probe.start(10, 0);
  probe.tick(10_500);
  assertEquals(probe.times, [10_500]);
  probe.start(20, 20_000);
  probe.tick(40_000);
  assertEquals(probe.times, [10_500], "nobody is left to be measured");
});
