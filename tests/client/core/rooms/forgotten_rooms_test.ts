/** Forgetting a room: its members learn that the user has left, and nothing that was said stays. */

import { assert, assertEquals } from "@std/assert";
import { RoomWorld } from "../../../fixtures/room_world.ts";

/** The first makes a room, and the others join it. */
async function worldOf(count: number): Promise<RoomWorld> {
  const world = new RoomWorld(count);
  await Promise.all(world.members.map(({ rooms }) => rooms.ready));
  const room = await world.member(0).rooms.create("lab");
  world.linkAll();
  for (const { keys, name } of world.members.slice(1)) {
    await room.invite({ name, identity: keys.identity });
  }
  await world.quiet();
  for (const { room } of world.members.slice(1)) await room?.join();
  await world.quiet();
  assertEquals(namesAt(world, 0).length, count);
  return world;
}

function namesAt(world: RoomWorld, number: number): string[] {
  return world.member(number).room?.members.map(({ name }) => name.split("~")[0] ?? "") ?? [];
}

async function storedAt(world: RoomWorld, number: number): Promise<string[]> {
  return (await world.member(number).store.rooms()).map(({ state }) => state);
}

Deno.test("rooms: whoever forgets a room leaves it for the others, too", async () => {
  const world = await worldOf(3);
  await world.member(1).room?.send("said before");
  await world.quiet();
  await world.member(1).room?.forget();
  assertEquals(world.member(1).rooms.all, []);
  await world.quiet();
  assertEquals(namesAt(world, 0), ["user0", "user2"]);
  assertEquals(namesAt(world, 2), ["user0", "user2"]);
  assertEquals(await storedAt(world, 1), []);
  await world.close();
});

for (const first of ["leaves", "forgets"] as const) {
  Deno.test(`rooms: whoever ${first} a room offline, and forgets it, leaves it at the next link`, async () => {
    const world = await worldOf(2);
    const [ada, bob] = [world.member(0), world.member(1)];
    const room = bob.room;
    assert(room !== undefined);
    await room.send("said before");
    await world.quiet();
    world.cutAll();
    if (first === "leaves") {
      await room.leave();
      await bob.restart();
      await bob.room?.forget();
    } else await room.forget();
    for (const again of [false, true]) {
      if (again) await bob.restart();
      assertEquals([bob.rooms.all, bob.rooms.named("lab"), bob.rooms.get(room.id)], [
        [],
        [],
        undefined,
      ]);
      assertEquals(
        await bob.store.newest(room.id, 10).then((all) => all.every((one) => one.isMembership)),
        true,
      );
    }
    assertEquals(namesAt(world, 0), ["user0", "user1"]);
    world.linkAll();
    await world.quiet();
    assertEquals(namesAt(world, 0), ["user0"]);
    assertEquals(await storedAt(world, 1), []);
    // It can be joined anew, with what was said.
    world.linkAll();
    await ada.room?.invite({ name: "user1", identity: bob.keys.identity });
    await world.quiet();
    assertEquals(bob.room?.state, "invited");
    await bob.room?.join();
    await world.quiet();
    assertEquals(namesAt(world, 0), ["user0", "user1"]);
    world.cutAll();
    world.linkAll();
    await world.quiet();
    assertEquals(
      (await bob.items()).flatMap((item) => item.type === "message" ? [item.text] : []),
      ["said before"],
    );
    await world.close();
  });
}

Deno.test("rooms: what comes for a forgotten room is neither shown nor kept, but a new invitation", async () => {
  const world = await worldOf(3);
  const [ada, bob] = [world.member(0), world.member(1)];
  world.cutAll();
  await bob.room?.forget();
  const { length } = bob.events;
  await ada.room?.send("for those who are in");
  await bob.restart();
  world.link(0, 1);
  await world.quiet();
  assertEquals(bob.events.length, length);
  assertEquals(await storedAt(world, 1), []);
  await world.close();
});
