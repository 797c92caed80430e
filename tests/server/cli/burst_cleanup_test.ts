import { assertEquals } from "@std/assert";
import { BurstCleanup } from "../../../server/cli/burst_cleanup.ts";
import { collectGarbage } from "../../../server/platform/util/collect_garbage.ts";

const NO_PROBES = { reachable: 0, unreachable: 0 };

Deno.test("garbage is collected once after many logins, when they are over", async () => {
  let collections = 0;
  const cleanup = new BurstCleanup(() => {
    collections++;
    return Promise.resolve();
  });
  const look = async (logins: number, logouts = 0, probes = NO_PROBES) => {
    await cleanup.look({ logins, logouts, probes });
    return collections;
  };
  assertEquals(await look(0), 0);
  assertEquals(await look(400), 0, "they may go on");
  assertEquals(await look(800), 0);
  assertEquals(await look(800), 1);
  assertEquals(await look(800), 1, "there is nothing new");
  assertEquals(await look(810), 1, "that is too little");
  assertEquals(await look(810, 600), 1);
  assertEquals(await look(810, 605), 2, "logouts leave garbage, too");
  assertEquals(await look(810, 605, { reachable: 200, unreachable: 300 }), 2);
  assertEquals(await look(810, 605, { reachable: 200, unreachable: 300 }), 3, "and probes");
});

Deno.test("collectGarbage frees what nobody needs", async () => {
  const weak = unneeded();
  await collectGarbage();
  assertEquals(weak.deref(), undefined);
});

function unneeded(): WeakRef<object> {
  return new WeakRef({});
}
