import { assertEquals } from "@std/assert";
import { TellingProbe } from "../../server/telling.ts";

function measured(): { readonly times: number[]; readonly probe: TellingProbe } {
  const times: number[] = [];
  return { times, probe: new TellingProbe((time) => times.push(time)) };
}

Deno.test("the time is that of the last reader to get there, those who leave counted out", () => {
  const { times, probe } = measured();
  probe.start(100, [{ cursor: 0 }, { cursor: 50 }, { cursor: 20 }, { cursor: 100 }], 1_000);
  probe.moved(0, 100, () => 1_005);
  probe.moved(50, 80, () => 1_006);
  probe.moved(20, undefined, () => 1_007);
  assertEquals(times, []);
  probe.moved(80, 130, () => 1_020);
  assertEquals(times, [20]);
});

Deno.test("one update at a time is measured, and none that nobody waits for", () => {
  const { times, probe } = measured();
  probe.start(100, [], 0);
  probe.start(100, [{ cursor: undefined }, { cursor: 100 }], 0);
  probe.start(200, [{ cursor: 100 }], 10);
  probe.start(300, [{ cursor: 100 }], 20);
  probe.moved(100, 300, () => 30);
  probe.moved(undefined, 300, () => 40);
  assertEquals(times, [20]);
  probe.start(400, [{ cursor: 300 }], 50);
  probe.moved(300, 400, () => 55);
  assertEquals(times, [20, 5]);
});
