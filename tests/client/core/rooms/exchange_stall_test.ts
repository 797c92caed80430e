import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RoomWorld, type WorldMember } from "../../../fixtures/room_world.ts";
import { FakeTime } from "../../../helpers/time.ts";

/** A world, and the time of its timers. */
interface Run extends AsyncDisposable {
  readonly world: RoomWorld;
  /** Lets so many milliseconds go by. */
  pass(milliseconds: number): Promise<void>;
}

function start(members: number): Run {
  const time = new FakeTime();
  const world = new RoomWorld(members);
  return {
    world,
    async pass(milliseconds) {
      world.clock.tick(milliseconds);
      await time.pass(milliseconds);
    },
    async [Symbol.asyncDispose]() {
      await world.close();
      time[Symbol.dispose]();
    },
  };
}

async function invite(run: Run, guest: number): Promise<void> {
  const { name, keys: { identity } } = run.world.member(guest);
  await run.world.member(0).room?.invite({ name, identity });
  await run.pass(500);
}

async function textsOf(member: WorldMember): Promise<string[]> {
  return (await member.items()).flatMap((item) => item.type === "message" ? [item.text] : []);
}

async function assertSame(run: Run): Promise<void> {
  const [owner, ...others] = run.world.members as [WorldMember, ...WorldMember[]];
  const expected = await textsOf(owner);
  for (const other of others) assertEquals(await textsOf(other), expected, other.name);
}

Deno.test("rooms: whoever joins over a link that is open gets what was said before, though nobody says more", async () => {
  await using run = start(2);
  const [ada, bob] = run.world.members as [WorldMember, WorldMember];
  const room = await ada.rooms.create("lab");
  run.world.linkAll();
  await invite(run, 1);
  for (const text of ["one", "two", "three"]) await room.send(text);
  await run.pass(5_000);
  await bob.room?.join();
  await run.pass(2_000);
  assertEquals(await textsOf(bob), ["one", "two", "three"]);
});

Deno.test("rooms: a join that comes over a new link brings what was said before", async () => {
  await using run = start(2);
  const [ada, bob] = run.world.members as [WorldMember, WorldMember];
  const room = await ada.rooms.create("lab");
  run.world.linkAll();
  await invite(run, 1);
  run.world.cutAll();
  await bob.room?.join();
  for (const text of ["one", "two", "three"]) await room.send(text);
  await bob.room?.send("four");
  run.world.linkAll();
  await run.pass(10_000);
  await assertSame(run);
});

Deno.test("rooms: whoever was removed and is invited anew over the same link learns it", async () => {
  await using run = start(2);
  const [ada, bob] = run.world.members as [WorldMember, WorldMember];
  const room = await ada.rooms.create("lab");
  run.world.linkAll();
  await invite(run, 1);
  await bob.room?.join();
  await run.pass(1_000);
  await room.remove(bob.keys.identity);
  await run.pass(1_000);
  assertEquals(bob.room?.state, "left");
  run.world.cutAll();
  run.world.linkAll();
  await run.pass(1_000);
  await invite(run, 1);
  await run.pass(1_000);
  assertEquals(bob.room?.state, "invited");
});

Deno.test("rooms: an invitation that comes over several links at once opens the room once", async () => {
  await using run = start(3);
  const [ada, bob, cyd] = run.world.members as [WorldMember, WorldMember, WorldMember];
  const room = await ada.rooms.create("lab");
  run.world.linkAll();
  await invite(run, 1);
  await bob.room?.join();
  await run.pass(500);
  run.world.cutAll();
  await room.invite({ name: cyd.name, identity: cyd.keys.identity });
  run.world.link(0, 1);
  await run.pass(500);
  run.world.link(0, 2);
  run.world.link(1, 2);
  await run.pass(500);
  assertEquals(cyd.events.filter(({ type }) => type === "room-invited").length, 1);
  await cyd.room?.join();
  await cyd.room?.send("one");
  await run.pass(500);
  await assertSame(run);
});

Deno.test("rooms: an entry that has waited for another is acknowledged once it is stored", async () => {
  await using run = start(3);
  const { world } = run;
  const [ada, bob, cyd] = world.members as [WorldMember, WorldMember, WorldMember];
  const room = await ada.rooms.create("lab");
  for (const guest of [1, 2]) world.link(0, guest);
  await invite(run, 1);
  await bob.room?.join();
  await run.pass(2_000);
  await invite(run, 2);
  await run.pass(2_000);
  // Bob hears later that Cyd has joined, and so can't place what Ada says.
  await cyd.room?.join();
  const isMember = () => room.members.every(({ role }) => role !== "guest");
  for (let tries = 0; !isMember() && tries < 100; tries++) await run.pass(5);
  const said = await room.send("hello");
  await run.pass(50);
  assertEquals([await textsOf(bob), await textsOf(cyd)], [[], ["hello"]]);
  assertEquals((await room.find(said.id))?.state, "sent");
  world.link(1, 2);
  await run.pass(50);
  assertEquals(await textsOf(bob), ["hello"]);
  assertEquals((await room.find(said.id))?.state, "delivered");
});

Deno.test("rooms: entries that were dropped on the way come again, though nobody says more", async () => {
  await using run = start(2);
  const { world } = run;
  const room = await world.member(0).rooms.create("lab");
  world.linkAll();
  await invite(run, 1);
  await world.member(1).room?.join();
  await run.pass(2_000);
  let arrived = 0;
  world.traffic.isLost = ({ type }) => type === "room-entry" && arrived++ % 5 !== 4;
  for (let number = 0; number < 20; number++) await room.send(`${number}`);
  await run.pass(3_000);
  world.traffic.isLost = () => false;
  await run.pass(60_000);
  await assertSame(run);
  const before = world.traffic.messages;
  await run.pass(60_000);
  assertEquals(world.traffic.messages, before, "something is said over and over");
});

/** Here, summaries once put off for a minute that dropped entries were sent again. */
const PUT_OFF = [
  { who: 1, texts: 2, lost: [false, false, true, false, false], wait: 2998, restarts: 1 },
  { who: 2, texts: 12, lost: [true, false, true, false, false], wait: 11, restarts: null },
  { who: 2, texts: 28, lost: [false, false, true, true, true], wait: 10, restarts: 0 },
  { who: 1, texts: 1, lost: [false, true, false, true], wait: 4, restarts: 1 },
  {
    who: 0,
    texts: 5,
    lost: [false, true, false, true, false, false, true],
    wait: 1962,
    restarts: 0,
  },
  { who: 0, texts: 2, lost: [true, true, false], wait: 5, restarts: null },
  { who: 1, texts: 10, lost: [true, true, true], wait: 2046, restarts: null },
  { who: 1, texts: 13, lost: [true, true], wait: 2141, restarts: null },
];

Deno.test("rooms: whatever is dropped and whoever restarts, all have the same a minute later", async () => {
  const said = fc.array(
    fc.record({
      who: fc.nat(2),
      texts: fc.integer({ min: 1, max: 30 }),
      // Of the entries that arrive meanwhile, these are lost, over and over.
      lost: fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
      wait: fc.nat(3_000),
      restarts: fc.option(fc.nat(2), { freq: 3 }),
    }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(said, async (steps) => {
      await using run = start(3);
      const { world } = run;
      await world.member(0).rooms.create("lab");
      world.linkAll();
      for (const guest of [1, 2]) {
        await invite(run, guest);
        await world.member(guest).room?.join();
        await run.pass(500);
      }
      let [number, arrived] = [0, 0];
      for (const { who, texts, lost, wait, restarts } of steps) {
        world.traffic.isLost = ({ type }) =>
          type === "room-entry" && lost[arrived++ % lost.length] === true;
        for (let text = 0; text < texts; text++) {
          await world.member(who).room?.send(`${number++}`);
          world.clock.tick();
        }
        await run.pass(wait);
        if (restarts === null) continue;
        world.cutAll(restarts);
        await world.member(restarts).restart();
        world.linkAll();
      }
      world.traffic.isLost = () => false;
      await run.pass(60_000);
      await assertSame(run);
      await run.pass(60_000);
      const before = world.traffic.messages;
      await run.pass(60_000);
      assertEquals(world.traffic.messages, before, "something is said over and over");
    }),
    { numRuns: 4, endOnFailure: true, examples: [[PUT_OFF]] },
  );
});
