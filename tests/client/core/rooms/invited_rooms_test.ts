/** What reaches a user through rooms to which others only invite, or in which the user ignores somebody. */

import { assertEquals } from "@std/assert";
import type { MessengerEvent } from "../../../../client/core/events.ts";
import { MemoryRoomStore } from "../../../../client/core/rooms/mod.ts";
import { RoomWorld, WorldMember } from "../../../fixtures/room_world.ts";

/** What a face shows of rooms, with the names of those who did it. */
function shownAt(member: WorldMember): string[] {
  return member.events.flatMap((event: MessengerEvent) => {
    const nameOf = (name: string) => name.split("~")[0] ?? "";
    if (event.type === "room-invited") return [`invited by ${nameOf(event.by.name)}`];
    if (event.type === "room-joined") return [`${nameOf(event.member.name)} joined`];
    if (event.type === "room-left") {
      return [`${nameOf(event.member.name)} out by ${nameOf(event.by.name)}`];
    }
    if (event.type !== "room-changed" || event.notice === undefined) return [];
    return [`${event.notice.what} by ${nameOf(event.notice.by.name)}`];
  });
}

/** user0 makes a room; the others are linked with everybody. */
async function worldOf(count: number): Promise<RoomWorld> {
  const world = new RoomWorld(count);
  await Promise.all(world.members.map(({ rooms }) => rooms.ready));
  await world.member(0).rooms.create("lab");
  world.linkAll();
  return world;
}

async function invite(world: RoomWorld, by: number, guest: number): Promise<void> {
  const { name, keys: { identity } } = world.member(guest);
  await world.member(by).room?.invite({ name, identity });
  await world.quiet();
}

async function joinAll(world: RoomWorld): Promise<void> {
  for (let guest = 1; guest < world.members.length; guest++) {
    await invite(world, 0, guest);
    await world.member(guest).room?.join();
    await world.quiet();
  }
}

Deno.test("rooms: whoever is only invited hears of the invitation, of its end, and of nothing else", async () => {
  const world = await worldOf(3);
  const [ada, bob, cyd] = [world.member(0), world.member(1), world.member(2)];
  await invite(world, 0, 1);
  for (let at = 0; at < 30; at++) await ada.room?.set({ topic: `buy ${at}` });
  await invite(world, 0, 2);
  await cyd.room?.join();
  await ada.room?.setAdmin(cyd.keys.identity, true);
  await world.quiet();
  assertEquals(shownAt(bob), ["invited by user0"]);
  assertEquals(bob.room?.topic, "buy 29");
  await ada.room?.remove(bob.keys.identity);
  await ada.room?.set({ topic: "behind it" });
  await world.quiet();
  assertEquals(shownAt(bob), ["invited by user0", "user1 out by user0"]);
  await world.close();
});

Deno.test("rooms: a key that invites and removes again and again is soon heard no more", async () => {
  const world = await worldOf(2);
  const [ada, bob] = [world.member(0), world.member(1)];
  for (let round = 0; round < 12; round++) {
    await invite(world, 0, 1);
    await ada.room?.remove(bob.keys.identity);
    await world.quiet();
  }
  const shown = shownAt(bob);
  assertEquals(shown.filter((line) => line === "invited by user0").length, 4);
  assertEquals(shown.length, 8);
  // The invitation is there all the same.
  await invite(world, 0, 1);
  await bob.room?.join();
  await world.quiet();
  assertEquals(ada.room?.members.map(({ role }) => role), ["owner", "member"]);
  await world.close();
});

Deno.test("rooms: what an ignored one does there is not shown, and what that one invites to neither", async () => {
  const world = await worldOf(3);
  const [ada, bob, cyd] = [world.member(0), world.member(1), world.member(2)];
  await joinAll(world);
  bob.ignored.add(ada.key);
  const { length } = shownAt(bob);
  await ada.room?.set({ topic: "buy now" });
  await ada.room?.setAdmin(cyd.keys.identity, true);
  await world.quiet();
  assertEquals(shownAt(bob).length, length);
  assertEquals(bob.room?.topic, "buy now");
  const notices = (await bob.items()).filter((item) => item.type === "notice");
  assertEquals(notices.some(({ by }) => `${by.identity}` === ada.key), false);
  // That one is out oneself is no news of the other's, and is said.
  await ada.room?.remove(bob.keys.identity);
  await world.quiet();
  assertEquals(shownAt(bob).slice(length), ["user1 out by user0"]);
  await invite(world, 0, 1);
  assertEquals([bob.room?.state, shownAt(bob).length], ["left", length + 1]);
  await ada.room?.remove(bob.keys.identity);
  await world.quiet();
  await invite(world, 2, 1);
  assertEquals([bob.room?.state, bob.room?.invitedBy?.name.split("~")[0]], ["invited", "user2"]);
  await world.close();
});

Deno.test("rooms: an ignored one invites to no new room, over whatever link that comes", async () => {
  const world = await worldOf(3);
  const [ada, bob, cyd] = [world.member(0), world.member(1), world.member(2)];
  await invite(world, 0, 2);
  await cyd.room?.join();
  await world.quiet();
  bob.ignored.add(ada.key);
  world.cut(0, 1);
  await invite(world, 0, 1);
  assertEquals([bob.rooms.all, shownAt(bob)], [[], []]);
  await world.close();
});

Deno.test("rooms: of a room where one was before, an invitation brings nothing up that is past", async () => {
  const world = await worldOf(3);
  const [ada, bob] = [world.member(0), world.member(1)];
  await joinAll(world);
  await ada.room?.remove(bob.keys.identity);
  await world.quiet();
  await bob.room?.forget();
  await world.quiet();
  assertEquals(bob.rooms.all, []);
  world.linkAll();
  const { length } = shownAt(bob);
  await ada.room?.set({ topic: "meanwhile" });
  await invite(world, 0, 1);
  assertEquals(shownAt(bob).slice(length), ["invited by user0"]);
  assertEquals(bob.room?.state, "invited");
  await bob.room?.join();
  await world.quiet();
  assertEquals(shownAt(bob).slice(length), ["invited by user0", "user1 joined"]);
  await world.close();
});

Deno.test("rooms: an owner who has left is listed no more, and an admin's invitation brings the owner back", async () => {
  for (const isForgotten of [false, true]) {
    const world = await worldOf(2);
    const [ada, bob] = [world.member(0), world.member(1)];
    await joinAll(world);
    await ada.room?.setAdmin(bob.keys.identity, true);
    await world.quiet();
    if (isForgotten) await ada.room?.forget();
    else await ada.room?.leave();
    await world.quiet();
    world.linkAll();
    await world.quiet();
    assertEquals(bob.room?.members.map(({ role }) => role), ["admin"]);
    const { length } = shownAt(ada);
    await invite(world, 1, 0);
    assertEquals([ada.room?.state, shownAt(ada).slice(length)], ["invited", ["invited by user1"]]);
    await ada.room?.join();
    await world.quiet();
    assertEquals(bob.room?.members.map(({ role }) => role).sort(), ["admin", "owner"]);
    assertEquals([ada.room?.state, ada.room?.role], ["joined", "owner"]);
    await world.close();
  }
});

Deno.test("rooms: an owner who has left says and changes nothing there, leaves once, and may come back alone", async () => {
  const world = await worldOf(2);
  const [ada, bob] = [world.member(0), world.member(1)];
  await joinAll(world);
  const { room } = ada;
  await room?.leave();
  await world.quiet();
  const { length } = shownAt(ada);
  for (
    const act of [
      () => room?.leave(),
      () => room?.set({ topic: "x" }),
      () => room?.remove(bob.keys.identity),
    ]
  ) {
    const error = await Promise.resolve(act()).then(() => undefined, (error) => error);
    assertEquals([error?.code, error?.details?.reason], ["room-failed", "not-member"]);
  }
  assertEquals(shownAt(ada).length, length);
  await room?.join();
  await world.quiet();
  assertEquals(bob.room?.members.map(({ role }) => role).sort(), ["member", "owner"]);
  await world.close();
});

Deno.test("rooms: whoever has lost what was stored is back in the room, with the same key", async () => {
  const world = await worldOf(2);
  await joinAll(world);
  world.cutAll();
  await world.member(1).rooms.close();
  world.members[1] = new WorldMember(1, world.clock, 0, new MemoryRoomStore());
  await world.member(1).rooms.ready;
  world.linkAll();
  await world.quiet();
  assertEquals([world.member(1).room?.state, shownAt(world.member(1))], ["joined", [
    "user1 joined",
  ]]);
  await world.close();
});
