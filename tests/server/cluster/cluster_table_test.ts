/** The table of a cluster over a network that loses, doubles, delays and reorders messages. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { clusterLimits } from "../../../server/cluster/cluster_limits.ts";
import { type Fate, GOOD, type Node, TICK_MS, World } from "../../helpers/cluster_world.ts";

Deno.test("cluster: nodes tell each other their rows, those of before they met too", () => {
  const world = new World(2);
  const [one, two] = [world.node(0), world.node(1)];
  const session = one.logIn();
  two.logIn();
  world.pass(300);
  world.assertSame();
  one.set(session, "away");
  two.logIn();
  world.deliver();
  world.assertSame();
  world.add();
  world.pass(300);
  world.assertSame();
  one.logOut(session);
  world.deliver();
  world.assertSame();
});

Deno.test("cluster: a gap is filled within seconds, and only the difference is told", () => {
  const world = new World(2);
  const [one, two] = [world.node(0), world.node(1)];
  for (let user = 0; user < 50; user++) one.logIn();
  world.pass(1_000);
  world.fate = (_, to) => ({ ...GOOD, isLost: to === two });
  const lost = one.logIn();
  world.deliver();
  world.fate = () => GOOD;
  const changes = two.told.size;
  one.logIn();
  world.pass(1_000);
  world.assertSame();
  assertEquals(two.told.size, changes + 2);
  assert(two.told.has(lost));
  assertEquals(two.table.counts(world.now).gaps, 1);
  // The last message of all can be missed, too: the next beat shows it.
  world.fate = (_, to) => ({ ...GOOD, isLost: to === two });
  one.logOut(lost);
  world.deliver();
  world.fate = () => GOOD;
  world.pass(clusterLimits.beatMs + clusterLimits.aheadMs + 1_000);
  world.assertSame();
});

Deno.test("cluster: many rows come in parts, and again if one of these is lost", () => {
  const world = new World(2);
  const [one, two] = [world.node(0), world.node(1)];
  for (let user = 0; user < 5_000; user++) one.set(one.logIn(), "x".repeat(100));
  let sent = 0;
  world.fate = (from, to) => ({ ...GOOD, isLost: from === one && to === two && ++sent === 4 });
  world.pass(clusterLimits.answerMs + 2_000);
  assert(sent > 5, `expected several parts, got ${sent} messages`);
  world.assertSame();
});

Deno.test("cluster: what a node was asked before it could hear is asked again soon, and then seldom", () => {
  const world = new World(2);
  const [one, two] = [world.node(0), world.node(1)];
  const session = one.logIn();
  world.fate = (from, to) => ({ ...GOOD, isLost: from === two && to === one });
  world.pass(500);
  assert(!two.told.has(session));
  world.fate = () => GOOD;
  world.pass(clusterLimits.firstAnswerMs);
  assert(two.told.has(session));
  // A third one that never hears anything is not asked all the time.
  const three = world.add();
  let asked = 0;
  world.fate = (from, to) => {
    if (from === two && to === three) asked++;
    return { ...GOOD, isLost: to === three };
  };
  world.pass(60_000);
  const beats = 60_000 / clusterLimits.beatMs;
  assert(asked - beats < 20, `asked ${asked - beats} times`);
});

Deno.test("cluster: the users of a node that died are gone within ten seconds, spread over one", () => {
  const world = new World(3);
  for (const node of world.nodes) for (let user = 0; user < 20; user++) node.logIn();
  world.pass(60_000);
  world.node(2).isOnline = false;
  const left = new Set<number>();
  const died = world.now;
  while (world.now - died < 10_000) {
    world.pass(TICK_MS);
    left.add(world.node(0).told.size);
  }
  world.assertSame();
  assert(left.size >= 8, `expected rows to go one after the other, got ${[...left]}`);
  assertEquals(world.node(0).gone, [world.node(2).id]);
});

Deno.test("cluster: a node that says goodbye is gone at once", () => {
  const world = new World(2);
  world.node(1).logIn();
  world.pass(1_000);
  world.node(1).table.leave();
  world.deliver();
  world.node(1).isOnline = false;
  world.pass(clusterLimits.leavingMs + TICK_MS * 2);
  world.assertSame();
});

Deno.test("cluster: who hears nobody, not even itself, removes nobody for ten minutes", () => {
  const world = new World(3);
  for (const node of world.nodes) node.logIn();
  world.pass(30_000);
  world.fate = () => ({ ...GOOD, isLost: true }); // the engine between them is gone
  world.pass(clusterLimits.longestSilenceMs - 10_000);
  world.assertSame();
  world.node(0).logIn();
  world.fate = () => GOOD;
  world.pass(5_000);
  world.assertSame();
  for (const node of world.nodes) assertEquals(node.gone, []);
  world.fate = () => ({ ...GOOD, isLost: true });
  world.pass(clusterLimits.longestSilenceMs + 5_000);
  assertEquals(world.node(0).told.size, 0);
});

Deno.test("cluster: a partition ends within two seconds, without a ghost or a doubled user", () => {
  const world = new World(3);
  for (const node of world.nodes) for (let user = 0; user < 9; user++) node.logIn();
  world.pass(30_000);
  const away = world.node(2);
  world.fate = (from, to) => ({ ...GOOD, isLost: (from === away) !== (to === away) });
  world.pass(30_000);
  assertEquals(world.node(0).told.size, 9);
  assertEquals(away.told.size, 0); // its own beats come back: it is on one side of a split engine
  const [session] = away.own.keys();
  if (session !== undefined) away.logOut(session);
  world.node(0).logIn();
  world.pass(30_000);
  world.fate = () => GOOD;
  world.pass(clusterLimits.beatMs + 200);
  world.assertSame();
});

Deno.test("cluster: who hears itself again gives the others ten seconds to come back", () => {
  const world = new World(3);
  for (const node of world.nodes) node.logIn();
  world.pass(30_000);
  world.fate = () => ({ ...GOOD, isLost: true });
  world.pass(20_000);
  world.fate = (from, to) => ({ ...GOOD, isLost: from !== to }); // each is the first that is back
  world.pass(7_000);
  world.assertSame();
  world.fate = () => GOOD;
  world.pass(20_000);
  world.assertSame();
  for (const node of world.nodes) assertEquals(node.gone, []);
});

Deno.test("cluster: nodes that are silent since this one is deaf are still there, one that died is not", () => {
  const world = new World(3);
  world.pass(30_000);
  const [one, two, three] = [world.node(0), world.node(1), world.node(2)];
  const present = () => one.table.present(world.now).toSorted();
  assertEquals(present(), [two.id, three.id]);
  world.fate = () => ({ ...GOOD, isLost: true });
  world.pass(20_000);
  assertEquals(present(), [two.id, three.id]);
  // It hears itself again, and of the others nothing yet.
  world.fate = (from, to) => ({ ...GOOD, isLost: from !== to });
  world.pass(clusterLimits.silenceMs);
  assertEquals(present(), [two.id, three.id]);
  world.fate = () => GOOD;
  world.pass(20_000);
  three.isOnline = false;
  world.pass(clusterLimits.silenceMs + TICK_MS);
  assertEquals(present(), [two.id]);
});

Deno.test("cluster: a node that is heard while its rows are going gets all of them back", () => {
  const world = new World(2);
  const [one, two] = [world.node(0), world.node(1)];
  for (let user = 0; user < 10; user++) one.logIn();
  world.pass(30_000);
  world.fate = (from, to) => ({ ...GOOD, isLost: from === one && to === two });
  while (two.told.size === 10) world.pass(TICK_MS);
  assert(two.told.size > 0);
  world.fate = () => GOOD;
  one.table.beat(world.now);
  world.pass(500);
  world.assertSame();
});

Deno.test("cluster: a message that comes twice, or late, is no gap", () => {
  const world = new World(2);
  const [one, two] = [world.node(0), world.node(1)];
  world.pass(1_000);
  world.fate = () => ({ ...GOOD, isDoubled: true });
  for (let user = 0; user < 10; user++) {
    one.logIn();
    world.deliver();
  }
  world.pass(5_000);
  world.assertSame();
  assertEquals(two.table.counts(world.now).gaps, 0);
});

Deno.test("cluster: a request waits for the log of the node that asks, five seconds at most", () => {
  const world = new World(2);
  const [one, two] = [world.node(0), world.node(1)];
  world.pass(1_000);
  const from = one.logIn();
  const request = { type: "call-me", from, to: two.logIn() } as const;
  world.fate = (_, to) => ({ ...GOOD, isLost: to === two });
  one.table.flush(); // is lost
  world.fate = () => GOOD;
  one.table.request(two.id, request);
  world.deliver();
  assertEquals(two.requests, []);
  world.pass(4_000);
  assertEquals(two.requests, [request]);
  assert(two.told.has(from));
  // Nobody can use it without the row that it names.
  let deaf = true;
  world.fate = (from, to) => ({ ...GOOD, isLost: deaf && from === one && to === two });
  one.logIn();
  one.table.flush();
  deaf = false;
  one.table.request(two.id, request);
  deaf = true;
  world.pass(clusterLimits.requestHeldMs + 1_000);
  deaf = false;
  world.pass(10_000);
  assertEquals(two.requests, [request]);
  world.assertSame();
});

/** The steps of a script. */
type Step =
  | { readonly type: "in" | "out" | "set"; readonly node: number; readonly which: number }
  | { readonly type: "pass"; readonly ms: number }
  | { readonly type: "split"; readonly node: number }
  | { readonly type: "join" }
  | { readonly type: "ask" | "move"; readonly node: number; readonly to: number };

const anyNode = fc.nat(2);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constantFrom("in", "in", "out", "set"),
    node: anyNode,
    which: fc.nat(20),
  }),
  fc.record({ type: fc.constant("pass"), ms: fc.constantFrom(100, 300, 2_000, 13_000) }),
  fc.record({ type: fc.constant("split"), node: anyNode }),
  fc.record({ type: fc.constant("join") }),
  fc.record({ type: fc.constantFrom("ask", "move"), node: anyNode, to: anyNode }),
) as fc.Arbitrary<Step>;

Deno.test("cluster: whatever the network does, in the end all tables are the same", () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 40 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 50 }),
      (steps, numbers) => {
        let at = 0;
        const random = () => numbers[at++ % numbers.length] ?? 0;
        const world = new World(3, random);
        let away: Node | undefined;
        let users = 0;
        const fate = (from: Node, to: Node): Fate => ({
          isLost: (away === from) !== (away === to) || random() < 0.1,
          isDoubled: random() < 0.1,
          delayMs: random() < 0.2 ? Math.floor(random() * 3_000) : 0,
        });
        world.fate = fate;
        for (const step of steps) {
          switch (step.type) {
            case "pass":
              world.pass(step.ms);
              break;
            case "split":
              away = world.node(step.node);
              break;
            case "join":
              away = undefined;
              break;
            case "ask": {
              const [from, to] = [world.node(step.node), world.node(step.to)];
              if (from === to) break;
              const request = { type: "call-me", from: from.logIn(), to: to.logIn() } as const;
              from.table.request(to.id, request);
              break;
            }
            case "move": {
              const [from, to] = [world.node(step.node), world.node(step.to)];
              if (from === to) break;
              const user = `user${++users}`;
              const before = from.logIn(user);
              world.deliver();
              to.moveHere(user, before);
              world.deliver();
              break;
            }
            default: {
              const node = world.node(step.node);
              const session = [...node.own.keys()][step.which];
              if (step.type === "in" || session === undefined) node.logIn();
              else if (step.type === "out") node.logOut(session);
              else node.set(session, `set ${step.which}`);
              world.deliver();
            }
          }
        }
        world.fate = () => GOOD;
        world.pass(20_000);
        world.assertSame();
        for (const { requests } of world.nodes) {
          const keys = requests.map((request) => JSON.stringify(request));
          assert(keys.length <= 2 * new Set(keys).size); // the sealing lets each through once
        }
      },
    ),
    { numRuns: 150 },
  );
});

Deno.test("cluster: a node that died and came back as another one leaves no ghost", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5_000), { maxLength: 6 }), (times) => {
      const world = new World(3);
      for (const node of world.nodes) node.logIn();
      for (const time of times) {
        world.pass(time);
        const victim = world.nodes.findLast(({ isOnline }) => isOnline);
        if (victim !== undefined) victim.isOnline = false;
        world.add().logIn();
      }
      world.pass(30_000);
      world.assertSame();
    }),
    { numRuns: 50 },
  );
});
