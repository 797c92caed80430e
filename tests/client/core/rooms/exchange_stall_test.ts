import { assertEquals } from "@std/assert";
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
