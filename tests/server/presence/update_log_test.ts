import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { UpdateLog } from "../../../server/presence/update_log.ts";

Deno.test("readers at their own pace all read the same bytes, however the log moves", () => {
  const step = fc.oneof(
    fc.record({ append: fc.integer({ min: 1, max: 40_000 }) }),
    fc.record({ read: fc.nat(2), most: fc.nat(60_000) }),
    fc.constant({ show: true as const }),
    fc.constant({ trim: true as const }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const cursors = [0, 0, 0];
      const log = new UpdateLog(() => Math.min(...cursors));
      let next = 0;
      let shown = 0;
      for (const step of steps) {
        if ("append" in step) {
          log.append(Uint8Array.from({ length: step.append }, () => next++ % 251));
        } else if ("trim" in step) log.trim();
        else if ("show" in step) {
          log.show();
          shown = log.end;
        } else {
          const at = cursors[step.read] ?? 0;
          const all = log.view.from(at);
          assertEquals(at + all.length, shown);
          const slice = all.subarray(0, step.most);
          assert(slice.every((byte, i) => byte === (at + i) % 251));
          cursors[step.read] = at + slice.length;
        }
      }
      assertEquals(log.end, next);
    }),
    { numRuns: 50 },
  );
});

Deno.test("a slice in the middle of being written is not touched by what comes after it", () => {
  let needed = 0;
  const log = new UpdateLog(() => needed);
  log.append(new Uint8Array(50_000).fill(1));
  log.show();
  const slice = log.view.from(0);
  needed = 50_000;
  for (let i = 0; i < 20; i++) {
    log.append(new Uint8Array(50_000).fill(2));
    needed = log.end;
  }
  assert(slice.every((byte) => byte === 1));
});

Deno.test("readers at the same place are handed the same slice", () => {
  const log = new UpdateLog(() => 0);
  log.append(new Uint8Array([1, 2, 3]));
  log.show();
  assert(log.view.from(1) === log.view.from(1));
  assertEquals(log.view.from(1), new Uint8Array([2, 3]));
  log.append(new Uint8Array([4]));
  assertEquals(log.view.from(1), new Uint8Array([2, 3]), "not shown yet");
  assertEquals(log.view.from(4), new Uint8Array([]), "nor to who came after it");
  log.show();
  assertEquals(log.view.from(1), new Uint8Array([2, 3, 4]));
  assertEquals(log.view.from(4), new Uint8Array([]));
});

Deno.test("memory that nobody needs any more goes back", () => {
  let needed = 0;
  const log = new UpdateLog(() => needed);
  const small = log.capacity;
  for (let i = 0; i < 100; i++) log.append(new Uint8Array(small));
  assert(log.capacity >= 100 * small);
  needed = Infinity;
  log.trim();
  assertEquals(log.capacity, small);
  assertEquals(log.end, 100 * small);
  assertEquals(log.view.from(log.end).length, 0);
});
