/** Users who go on at another node, and are seen once. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { clusterLimits } from "../../../server/cluster/cluster_limits.ts";
import { encodeLinkUpdate } from "../../../protocol/mod.ts";
import { userIn } from "../../../server/cluster/remote_users.ts";
import { GOOD, TICK_MS, World } from "../../helpers/cluster_world.ts";

/** Three nodes that know each other, with ada at the last one. */
function worldWithAda() {
  const world = new World(3);
  const before = world.node(2).logIn("ada");
  world.pass(30_000);
  const [one, two, three] = [world.node(0), world.node(1), world.node(2)];
  return { world, one, two, three, before };
}

Deno.test("cluster: whoever moves from a node that died is there once, at once, for everybody", () => {
  const { world, one, two, three, before } = worldWithAda();
  three.isOnline = false;
  const session = two.moveHere("ada", before);
  world.deliver();
  assertEquals([...one.told.keys()], [session]);
  assertEquals([one, two].map((node) => node.count("ada")), [1, 1]);
  assertEquals(one.table.counts(world.now).remoteUsers, 1);
  world.pass(20_000);
  world.assertSame();
});

Deno.test("cluster: a session that ended behind a partition ends there with the partition, unseen", () => {
  const { world, one, two, three, before } = worldWithAda();
  world.fate = (from, to) => ({ ...GOOD, isLost: (from === three) !== (to === three) });
  two.moveHere("ada", before);
  world.pass(60_000);
  assert(three.own.has(before));
  world.fate = () => GOOD;
  for (let ms = 0; ms < 5_000; ms += TICK_MS) {
    world.pass(TICK_MS);
    assertEquals([one, two].map((node) => node.count("ada")), [1, 1]);
  }
  assertEquals(three.count("ada"), 1);
  assert(!three.own.has(before));
  world.assertSame();
});

Deno.test("cluster: a node that comes later does not see the session before, either", () => {
  const { world, two, three, before } = worldWithAda();
  world.fate = (from, to) => ({ ...GOOD, isLost: from === two && to === three });
  two.moveHere("ada", before); // the node of the session before does not know yet
  world.deliver();
  const four = world.add();
  for (let ms = 0; ms < 3_000; ms += TICK_MS) {
    world.pass(TICK_MS);
    assert(four.count("ada") <= 1);
    assert(!four.told.has(before) || four.count("ada") === 1);
  }
  world.fate = () => GOOD;
  world.pass(10_000);
  world.assertSame();
});

Deno.test("cluster: nobody ends the session of another user, or keeps it from ending", () => {
  const { world, one, two, three, before } = worldWithAda();
  for (const times of [1, 2]) {
    two.table.end(before, "eve");
    two.logIn(`eve${times}`);
  }
  world.pass(5_000);
  assert(three.own.has(before));
  assertEquals([one, two, three].map((node) => node.count("ada")), [1, 1, 1]);
  world.assertSame();
  three.isOnline = false;
  two.moveHere("ada", before);
  one.table.end(before, "eve");
  world.deliver();
  assertEquals([one, two].map((node) => node.count("ada")), [1, 1]);
});

Deno.test("cluster: a user is known by the key, or without one by name, address and port", () => {
  const entry = {
    ...{ name: "ada", address: "192.0.2.1", port: 4_000, identity: new Uint8Array(0) },
    ...{ session: new Uint8Array(8), capabilities: 0, certificate: undefined, status: "" },
    ...{ availability: "online", reachability: "unknown", addresses: [] } as const,
  };
  const users = [
    { identity: new Uint8Array(32).fill(1) },
    { identity: new Uint8Array(32).fill(1), name: "ada2", session: new Uint8Array(8).fill(1) },
    {},
    { session: new Uint8Array(8).fill(1) },
    { name: "bob" },
    { port: 4_001 },
    { address: "192.0.2.2" },
    { port: 0 }, // nobody can tell
  ].map((change) => userIn(encodeLinkUpdate({ type: "add", entry: { ...entry, ...change } })));
  assertEquals(users[0], users[1]);
  assertEquals(users[2], users[3]);
  assertEquals(new Set(users).size, 6);
  assertEquals(users.at(-1), undefined);
});

Deno.test("cluster: a second login on purpose is shown beside the first, as long as that one's node speaks", () => {
  const { world, one, two, three } = worldWithAda();
  two.logIn("ada");
  for (let ms = 0; ms < 20_000; ms += TICK_MS) {
    world.pass(TICK_MS);
    assertEquals([one, two, three].map((node) => node.count("ada")), [2, 2, 2]);
  }
  // A node that is silent for a while takes no row with it that nobody has doubted.
  three.isOnline = false;
  world.pass(clusterLimits.silenceMs - 500);
  three.isOnline = true;
  world.pass(5_000);
  assertEquals(one.count("ada"), 2);
  world.assertSame();
});

Deno.test("cluster: a login elsewhere, since when a node is silent, takes the place of the one there", () => {
  const { world, one, two, three } = worldWithAda();
  three.logIn("bob");
  world.pass(3_000);
  three.isOnline = false;
  const died = world.now;
  two.logIn("ada");
  while (one.count("ada") + two.count("ada") > 2) world.pass(TICK_MS);
  const mostMs = clusterLimits.doubtMs + clusterLimits.beatMs + TICK_MS;
  assert(world.now - died <= mostMs, `after ${world.now - died} ms`);
  assertEquals([one.count("bob"), two.count("bob")], [1, 1]);
  // It was slow: both are there after all.
  three.isOnline = true;
  world.pass(clusterLimits.beatMs + clusterLimits.answerMs);
  assertEquals([one, two, three].map((node) => node.count("ada")), [2, 2, 2]);
  world.assertSame();
});

Deno.test("cluster: whoever hears nobody doubts no row", () => {
  const { world, one, two } = worldWithAda();
  world.fate = () => ({ ...GOOD, isLost: true });
  two.logIn("ada");
  world.pass(60_000);
  assertEquals([one.count("ada"), two.count("ada")], [1, 2]);
  world.fate = () => GOOD;
  world.pass(20_000);
  world.assertSame();
});

Deno.test("cluster: however somebody moves between nodes that die, nobody sees two of them", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ dies: fc.boolean(), ms: fc.nat(9_000) }), { maxLength: 8 }),
      (moves) => {
        const world = new World(2);
        let at = world.node(0);
        let session = at.logIn("ada");
        world.pass(30_000);
        for (const { dies, ms } of moves) {
          if (dies) {
            at.isOnline = false;
            world.add();
          }
          const next = world.nodes.find((node) => node !== at && node.isOnline);
          if (next === undefined) throw new Error("no node is left");
          session = next.moveHere("ada", session);
          at = next;
          world.deliver(); // a node that dies before it has told anybody ends nothing
          for (let passed = 0; passed < ms; passed += TICK_MS) {
            world.pass(TICK_MS);
            for (const node of world.nodes) if (node.isOnline) assert(node.count("ada") <= 1);
          }
        }
        world.pass(30_000);
        for (const node of world.nodes) if (node.isOnline) assertEquals(node.count("ada"), 1);
        world.assertSame();
      },
    ),
    { numRuns: 100 },
  );
});
