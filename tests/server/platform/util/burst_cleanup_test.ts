import { assertEquals } from "@std/assert";
import { BurstCleanup } from "../../../../server/platform/util/burst_cleanup.ts";
import { collectGarbage } from "../../../../server/platform/util/collect_garbage.ts";

Deno.test("garbage is collected once after many events, when they are over", async () => {
  let collections = 0;
  const cleanup = new BurstCleanup(() => {
    collections++;
    return Promise.resolve();
  });
  const look = async (events: number, connections = 1000) => {
    await cleanup.look(events, connections);
    return collections;
  };
  assertEquals(await look(0), 0);
  assertEquals(await look(400), 0, "they may go on");
  assertEquals(await look(800), 0);
  assertEquals(await look(800), 1);
  assertEquals(await look(800), 1, "there is nothing new");
  assertEquals(await look(810), 1, "that is too little");
  assertEquals(await look(1400), 1);
  assertEquals(await look(1405), 2, "few are as good as none");
  assertEquals(await look(2405, 4000), 2);
  assertEquals(await look(2405, 4000), 2, "with so many connections it would take too long");
  assertEquals(await look(2405, 2000), 3);
});

Deno.test("collectGarbage frees what nobody needs", async () => {
  const weak = unneeded();
  await collectGarbage();
  assertEquals(weak.deref(), undefined);
});

function unneeded(): WeakRef<object> {
  return new WeakRef({});
}
