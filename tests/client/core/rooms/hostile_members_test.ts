import { assert, assertEquals, assertLess } from "@std/assert";
import { clientLimits } from "../../../../client/core/limits.ts";
import { KeyBudgets } from "../../../../client/core/rooms/key_budgets.ts";
import { readRoomRecord } from "../../../../client/core/rooms/room_record.ts";
import { LocalRoom } from "../../../../client/core/rooms/local_room.ts";
import { TALK_RATE, talkCost } from "../../../../client/core/rooms/talk_rate.ts";
import type { RoomEntry } from "../../../../protocol/mod.ts";
import { type NamedEntry, RoomAuthor } from "../../../fixtures/room_authors.ts";
import { RoomWorld, type RoomWorld as World } from "../../../fixtures/room_world.ts";

/** The members of a world have these keys, and eve another one. */
const authorOf = (number: number): RoomAuthor => new RoomAuthor(number + 1, 9);
const eve = new RoomAuthor(100);

/** user0's room, in which user1 is a member, too; the newest membership entries of it. */
async function roomOfTwo(world: World): Promise<[LocalRoom, NamedEntry[]]> {
  const room = await world.member(0).rooms.create("lab");
  const { name, keys: { identity } } = world.member(1);
  world.link(0, 1);
  await room.invite({ name, identity });
  await world.quiet();
  await world.member(1).room?.join();
  await world.quiet();
  world.cutAll();
  assert(room instanceof LocalRoom);
  const { id, replica: { membership } } = room;
  return [
    room,
    membership.heads.map(({ record: { hash } }) => ({ hash, isMembership: true, room: id })),
  ];
}

const send = (entry: RoomEntry) => ({ type: "room-entry", entry }) as const;

async function shownIn(world: World, number: number): Promise<string[]> {
  const items = await world.member(number).items();
  return items.flatMap((item) => item.type === "message" ? [item.text] : []);
}

Deno.test("rooms: nothing of what a member sends that breaks a rule is shown, and the link goes on", async () => {
  const world = new RoomWorld(2);
  try {
    const [, heads] = await roomOfTwo(world);
    const bob = authorOf(1);
    const link = world.attack(0, bob);
    const good = bob.say("good", heads, world.clock.now, 0).entry;
    const text = new TextEncoder();
    const other = eve.say("not mine", heads, world.clock.now);
    const day = 24 * 60 * 60_000;
    const hostile: RoomEntry[] = [
      { ...good, header: text.encode("no header") },
      { ...good, header: new Uint8Array([...good.header, 0]) },
      { ...good, signature: new Uint8Array(64) },
      { ...good, body: new Uint8Array([...good.body ?? [], 1]) },
      other.entry, // no member
      { ...other.entry, signature: good.signature },
      bob.say("far ahead", heads, world.clock.now + 2 * day, 1).entry,
      bob.join([{ ...heads[0] as NamedEntry, hash: "11".repeat(32) }]).entry,
      bob.write({ type: "set", name: "x", topic: "", membersInvite: true, showsPast: true }, heads)
        .entry,
      bob.remove(authorOf(0), heads).entry,
    ];
    for (const entry of hostile) link.say(send(entry));
    link.say(send(good));
    await world.quiet();
    assertEquals(await shownIn(world, 0), ["good"]);
    assertEquals(world.member(0).room?.members.length, 2);
    assert(!link.isOver);
    assertEquals(link.heard.filter(({ type }) => type === "received").length, 1);
  } finally {
    await world.close();
  }
});

Deno.test("rooms: entries by the thousand that name what does not exist take little, and others are served", async () => {
  const world = new RoomWorld(2);
  try {
    const [room, heads] = await roomOfTwo(world);
    const bob = authorOf(1);
    const link = world.attack(0, bob);
    const [head] = heads as [NamedEntry];
    for (let count = 0; count < 3_000; count++) {
      const hash = count.toString(16).padStart(64, "0");
      link.say(send(bob.say("x", [{ ...head, hash }], world.clock.now, count).entry));
    }
    await world.quiet();
    assertLess(room.replica.waitingCount, clientLimits.roomWaitingEntries + 1);
    assertEquals(await shownIn(world, 0), []);
    world.link(0, 1);
    await world.member(1).room?.send("still here");
    await world.quiet();
    assertEquals(await shownIn(world, 0), ["still here"]);
    // The requests are answered with other entries, which changes nothing.
    const asked = link.heard.filter(({ type }) => type === "room-query");
    assertLess(asked.length, 50);
    for (const _ of asked) link.say(send(new RoomAuthor(100).create("other").entry));
    await world.quiet();
    assertEquals(await shownIn(world, 0), ["still here"]);
  } finally {
    await world.close();
  }
});

Deno.test("rooms: of what one author says new, little is taken at once, and what others forge does not count", async () => {
  const world = new RoomWorld(2);
  try {
    const [room, heads] = await roomOfTwo(world);
    const bob = authorOf(1);
    const said = Array.from(
      { length: 2_000 },
      (_, count) => bob.say(`${count}`, heads, world.clock.now, count).entry,
    );
    // Whatever comes under his name without his signature is none of his.
    const forger = world.attack(0, authorOf(1));
    for (const entry of said) forger.say(send({ ...entry, signature: new Uint8Array(64) }));
    await world.quiet();
    assertEquals(await shownIn(world, 0), []);
    const link = world.attack(0, bob);
    for (const entry of said) link.say(send(entry));
    await world.quiet();
    const shown = await shownIn(world, 0);
    assert(shown.length >= 1_000 && shown.length < 1_900, `${shown.length} are shown`);
    assert(!link.isOver);
    await room.send("still here");
    assertEquals((await shownIn(world, 0)).length, shown.length + 1);
  } finally {
    await world.close();
  }
});

Deno.test("author budgets: a thousand at once, one a second, and much of what is old", () => {
  const takes = (budgets: KeyBudgets, ageMs: number, now: number) => {
    const cost = talkCost(ageMs);
    let count = 0;
    for (; budgets.mayTake("ada", { now }) && count < 100_000; count++) {
      budgets.count("ada", { now, cost });
    }
    return count;
  };
  const budgets = new KeyBudgets(TALK_RATE);
  assertEquals(takes(budgets, 0, 0), 1_200);
  assertEquals([takes(budgets, 0, 500), takes(budgets, 0, 10_000)], [0, 10]);
  assert(budgets.mayTake("bob", { now: 10_000 }));
  assertLess(20_000, takes(new KeyBudgets(TALK_RATE), 3_600_000, 0));
});

Deno.test("rooms: a contradiction is shown as one at both places, and a third is dropped", async () => {
  const world = new RoomWorld(2);
  try {
    const [, heads] = await roomOfTwo(world);
    const bob = authorOf(1);
    const link = world.attack(0, bob);
    const said = ["one", "other", "third"].map((text) => bob.say(text, heads, world.clock.now, 0));
    for (const { entry } of said) link.say(send(entry));
    await world.quiet();
    const items = await world.member(0).items();
    const shown = items.flatMap((item) => item.type === "message" ? [item] : []);
    assertEquals(shown.map(({ text }) => text).sort(), ["one", "other"]);
    assert(shown.every(({ isContradiction }) => isContradiction));
  } finally {
    await world.close();
  }
});

Deno.test("rooms: a thousand invitations become as many as wait for the user, and one note", async () => {
  const world = new RoomWorld(1);
  try {
    await world.member(0).rooms.ready;
    const own = authorOf(0);
    for (let at = 0; at < 1_000; at++) {
      const inviter = new RoomAuthor(100, at % 250);
      const link = at % 20 === 0 ? world.attack(0, inviter) : undefined;
      if (link !== undefined) last = link;
      const room = [
        inviter.write(
          { type: "create", name: `r${at}`, membersInvite: false, showsPast: true },
          [],
          { salt: at % 251, at },
        ),
      ];
      room.push(inviter.join(room), inviter.invite(own, room));
      for (const { entry } of room) last?.say(send(entry));
      if (at % 20 === 19) await world.quiet();
    }
    await world.quiet();
    const { rooms, events } = world.member(0);
    assertEquals(rooms.all.length, clientLimits.roomInvitations);
    assertEquals(events.filter(({ type }) => type === "error").length, 1);
  } finally {
    await world.close();
  }
});
let last: ReturnType<World["attack"]> | undefined;

Deno.test("rooms: nobody but members and guests is served, and whoever was removed gets nothing behind that", async () => {
  const world = new RoomWorld(2);
  try {
    const [room] = await roomOfTwo(world);
    await room.send("secret");
    const rows = { membershipHash: new Uint8Array(32), rows: [] };
    const summary = {
      type: "room-summary",
      room: Uint8Array.fromHex(room.id),
      part: 0,
      parts: 1,
      ...rows,
    } as const;
    const message = (await room.history()).at(-1)?.id ?? "";
    const query = {
      type: "room-query",
      room: summary.room,
      hashes: [Uint8Array.fromHex(message)],
    } as const;
    const stranger = world.attack(0, eve);
    stranger.say(summary);
    stranger.say(query);
    await world.quiet();
    assertEquals(stranger.heard.map(({ type }) => type), []);
    await room.remove(world.member(1).keys.identity);
    await room.send("behind it");
    const removed = world.attack(0, authorOf(1));
    removed.say(summary);
    removed.say(query);
    await world.quiet();
    const heard = removed.heard.filter((one) => one.type === "room-entry");
    assertEquals(heard.length, 5); // create, two joins, an invitation, and the removal
    assert(!JSON.stringify(heard).includes(message));
  } finally {
    await world.close();
  }
});

Deno.test("rooms: nobody is in a room without their word, and strangers' invitations are screened like calls", async () => {
  const world = new RoomWorld(2);
  try {
    const { rooms } = world.member(1);
    const { name, keys: { identity } } = world.member(1);
    world.member(1).takesStrangers = false;
    const first = await world.member(0).rooms.create("lab");
    await first.invite({ name, identity });
    world.link(0, 1);
    await world.quiet();
    assertEquals(rooms.all.length, 0);
    world.member(1).takesStrangers = true;
    const second = await world.member(0).rooms.create("den");
    await second.invite({ name, identity });
    await world.quiet();
    assertEquals(rooms.all.map(({ label, state }) => [label, state]), [["#den", "invited"]]);
    assertEquals(second.members.map(({ role }) => role), ["owner", "guest"]);
    await rooms.all[0]?.join();
    await world.quiet();
    assertEquals(second.members.map(({ role }) => role), ["owner", "member"]);
  } finally {
    await world.close();
  }
});

Deno.test("rooms: what is being taken when the rooms are closed waits for nothing, and does again with the next link", async () => {
  const world = new RoomWorld(2);
  try {
    const [room, heads] = await roomOfTwo(world);
    const [head] = heads as [NamedEntry];
    const orphan = (count: number) => {
      const hash = count.toString(16).padStart(64, "0");
      const { entry } = authorOf(1).say("x", [{ ...head, hash }], world.clock.now, count);
      const record = readRoomRecord(entry);
      assert(record !== undefined);
      return record;
    };
    const taking = room.replica.receive(orphan(1));
    room.close();
    assertEquals(await taking, "waiting");
    assertEquals(room.replica.waitingCount, 0);
    world.link(0, 1);
    await room.replica.receive(orphan(2));
    assertEquals(room.replica.waitingCount, 1);
  } finally {
    await world.close();
  }
});
