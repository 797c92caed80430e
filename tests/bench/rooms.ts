import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createTestNetwork, type TestNetwork } from "../../client/testing/mod.ts";
import { Identity, MemoryStore } from "../../client/core/mod.ts";
import { MemoryRoomStore } from "../../client/core/rooms/mod.ts";
import { LocalRoom } from "../../client/core/rooms/local_room.ts";
import { storableEntry } from "../../client/core/rooms/room_record.ts";
import type { Messenger } from "../../mod.ts";
import { SqliteRoomStore } from "../../client/storage/rooms/mod.ts";
import { RoomAuthor } from "../fixtures/room_authors.ts";
import { RoomWorld, WorldMember } from "../fixtures/room_world.ts";
import type { Section } from "./report.ts";
import { summarize } from "./statistics.ts";

const TEXTS = 30;
const CATCH_UP = 1_000;
const ENTRIES = 100_000;
const OPENINGS = 9;
const IDLE_ROOMS = 200;
const WAIT_MS = 120_000;

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Times of the operations of a room, with all members in one process. */
export async function benchRooms(): Promise<Section> {
  return {
    title: "Rooms, all members in one process",
    figures: [
      { name: "a text is on 16 screens", unit: "ms", better: "less", goal: 50, ...await texts(16) },
      {
        name: "a text is on 64 screens",
        unit: "ms",
        better: "less",
        goal: 250,
        ...await texts(64),
      },
      {
        name: "catch up 1,000 entries",
        unit: "ms",
        better: "less",
        goal: 1_000,
        ...await catchUp(),
      },
      { name: "open a room of 100,000", unit: "ms", better: "less", goal: 100, ...await opening() },
      { name: "memory of an idle room", unit: "KiB", better: "less", goal: 50, ...await idle() },
    ],
    notes: ["over a network in memory, with encryption, signatures and, for opening, a file"],
  };
}

async function until(isTrue: () => boolean): Promise<void> {
  const end = performance.now() + WAIT_MS;
  while (!isTrue()) {
    if (performance.now() > end) throw new Error(`not in time: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** From sending until the last member shows it. */
async function texts(count: number): Promise<ReturnType<typeof summarize>> {
  await using network = createTestNetwork();
  const users = await roomOf(network, count);
  const [first] = users;
  const room = first?.rooms.all[0];
  const times: number[] = [];
  for (let at = 0; at < TEXTS; at++) {
    const shown = users.slice(1).map((user) =>
      user.waitFor("room-message", { timeoutMs: WAIT_MS })
    );
    const start = performance.now();
    await room?.send(`text ${at}`);
    await Promise.all(shown);
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return summarize(times);
}

/** Members of one room, each with links to all others; that they are members stands in their stores. */
async function roomOf(network: TestNetwork, count: number): Promise<Messenger[]> {
  const authors = Array.from({ length: count }, (_, at) => new RoomAuthor(at + 1));
  const [owner, ...guests] = authors;
  if (owner === undefined) throw new Error("expected an owner");
  const first = owner.create("bench");
  const records = [first, owner.join([first])];
  for (const guest of guests) {
    const invitation = owner.invite(guest, records.slice(-1));
    records.push(invitation, guest.join([invitation], "guest"));
  }
  const users: Messenger[] = [];
  for (const [at, { privateKey }] of authors.entries()) {
    const rooms = new MemoryRoomStore();
    await rooms.saveRoom({ id: first.hash, state: "joined", readNumber: 0 });
    for (const [time, record] of records.entries()) {
      await rooms.add(first.hash, storableEntry(record, 1_000 + time));
    }
    const store = Object.assign(new MemoryStore(), { rooms });
    users.push(
      await network.login(`user${at}`, { identity: Identity.fromBytes(privateKey), store }),
    );
  }
  // Then all have links with each other: what is sent next goes to everybody at once.
  for (const user of users) await user.rooms.all[0]?.send(`here is ${user.name}`);
  await until(() => users.every((user) => (user.rooms.all[0]?.unread ?? 0) >= count - 1));
  return users;
}

/** From a link to the last entry of another member that was away. */
async function catchUp(): Promise<ReturnType<typeof summarize>> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const world = new RoomWorld(2);
    const room = await world.member(0).rooms.create("bench");
    const { name, keys: { identity } } = world.member(1);
    world.link(0, 1);
    await room.invite({ name, identity });
    await world.quiet();
    await world.member(1).room?.join();
    await world.quiet();
    world.cutAll();
    for (let at = 0; at < CATCH_UP; at++) await room.send(`text ${at}`);
    const start = performance.now();
    world.link(0, 1);
    while ((world.member(1).room?.unread ?? 0) < CATCH_UP) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    times.push(performance.now() - start);
    await world.close();
  }
  return summarize(times);
}

/** Opens a room with a long history, and reads what a screen shows of it. */
async function opening(): Promise<ReturnType<typeof summarize>> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/rooms.db`;
    const owner = new RoomAuthor(1);
    const first = owner.create();
    const joined = owner.join([first]);
    {
      using store = new SqliteRoomStore(path, console.error);
      await store.saveRoom({ id: first.hash, state: "joined", readNumber: 0 });
      await store.add(first.hash, storableEntry(first, 1));
      await store.add(first.hash, storableEntry(joined, 2));
      const talk = owner.say("a text as people write them", [joined], 3, 0);
      for (let at = 0; at < ENTRIES; at++) {
        const entry = { ...storableEntry(talk, 3 + at), count: at };
        const hash = at.toString(16).padStart(64, "0");
        await store.add(first.hash, at === ENTRIES - 1 ? entry : { ...entry, hash });
      }
      await store.saveRoom({ id: first.hash, state: "joined", readNumber: ENTRIES });
    }
    const times: number[] = [];
    for (let at = 0; at <= OPENINGS; at++) {
      using store = new SqliteRoomStore(path, console.error);
      const world = new RoomWorld(0);
      const start = performance.now();
      const member = new WorldMember(0, world.clock, 0, store);
      await member.rooms.ready;
      await member.room?.history({ most: 100 });
      if (at > 0) times.push(performance.now() - start);
      await member.rooms.close();
    }
    return summarize(times);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The memory for a room of sixteen members with twenty texts. */
async function idle(): Promise<ReturnType<typeof summarize>> {
  const world = new RoomWorld(1);
  const member = world.member(0);
  await member.rooms.ready;
  const before = await heapBytes();
  const folder = await Deno.makeTempDir();
  using store = new SqliteRoomStore(`${folder}/rooms.db`, console.error);
  const owner = new WorldMember(0, world.clock, 0, store);
  const guests = Array.from({ length: 15 }, () => Identity.generate());
  for (let at = 0; at < IDLE_ROOMS; at++) {
    const room = await owner.rooms.create(`room${at}`);
    for (const { publicKey } of guests) await room.invite({ name: "guest", identity: publicKey });
    for (let text = 0; text < 20; text++) await room.send("a text as people write them");
    if (!(room instanceof LocalRoom)) throw new Error("expected a local room");
  }
  await owner.rooms.close();
  const again = new WorldMember(0, world.clock, 0, store);
  owner.rooms = again.rooms;
  owner.events.length = 0;
  await again.rooms.ready;
  const bytes = await heapBytes() - before;
  await again.rooms.close();
  await Deno.remove(folder, { recursive: true });
  return summarize([bytes / IDLE_ROOMS / 1024]);
}

/** The bytes in use once nothing is left to be collected. */
async function heapBytes(): Promise<number> {
  for (let at = 0; at < 5; at++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
