import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  ClientError,
  Identity,
  type Messenger,
  openStore,
  type Room,
  type RoomItem,
} from "../../../../mod.ts";
import { createTestNetwork, TestUser } from "../../../../client/testing/mod.ts";

import { createRotation, parseAddress } from "../../../../protocol/mod.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { poll } from "../../../helpers/wait.ts";

const WAIT = { timeoutMs: 60_000 } as const;

/** ada makes a room and invites others, who join. */
async function roomOf(
  ada: Messenger,
  ...others: readonly Messenger[]
): Promise<[Room, ...Room[]]> {
  const room = await ada.rooms.create("lab");
  const rooms: Room[] = [];
  for (const other of others) {
    const invited = other.waitFor("room-invited", WAIT);
    await room.invite(await ada.users.find(other.name, WAIT));
    const { room: theirs } = await invited;
    await theirs.join();
    rooms.push(theirs);
    await until(() => room.members.some((one) => one.name === other.name && one.role === "member"));
  }
  return [room, ...rooms];
}

/** Waits until something holds. */
async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  await poll(isTrue, `${isTrue}`);
}

async function textsOf(room: Room): Promise<string[]> {
  const items = await room.history({ most: 1_000 });
  return items.flatMap((item: RoomItem) => item.type === "message" ? [item.text] : []);
}

Deno.test("rooms: what one says comes to all who have joined, and the author learns who has it", async () => {
  await using network = createTestNetwork();
  const [ada, bob, cyd] = [
    await network.login("ada"),
    await network.login("bob"),
    await network.login("cyd"),
  ];
  const [room, bobs, cyds] = await roomOf(ada, bob, cyd);
  const received = [bob, cyd].map((user) => user.waitFor("room-message", WAIT));
  const message = await room.send("hello, all");
  for (const { message: { text, author } } of await Promise.all(received)) {
    assertEquals([text, author.name, author.isConfirmed], ["hello, all", "ada", true]);
  }
  await message.delivered;
  await until(async () => (await room.find(message.id))?.state === "delivered");
  const answered = ada.waitFor("room-message", WAIT);
  await bobs?.send("hi", { replyTo: message.id });
  assertEquals((await answered).message.replyTo, message.id);
  await until(async () => (await textsOf(cyds as Room)).length === 2);
  assertEquals(await textsOf(cyds as Room), ["hello, all", "hi"]);
  assertEquals([room.unread, bobs?.unread, cyds?.unread], [1, 1, 2]);
});

Deno.test("rooms: whoever was away gets what was said from any member, also of who is offline now", async () => {
  await using network = createTestNetwork();
  const folder = await Deno.makeTempDir();
  const identity = Identity.generate();
  try {
    const [ada, cyd] = [await network.login("ada"), await network.login("cyd")];
    let store = await openStore(folder);
    const bob = await network.login("bob", { identity, store });
    const [room] = await roomOf(ada, bob, cyd);
    await room.send("one");
    await until(() => (bob.rooms.all[0]?.unread ?? 0) === 1);
    await bob.quit();
    store[Symbol.dispose]();
    await room.send("two");
    await until(() => (cyd.rooms.all[0]?.unread ?? 0) === 2);
    await ada.quit();
    store = await openStore(folder);
    const again = await network.login("bob", { identity, store });
    const [theirs] = again.rooms.all;
    assertEquals([theirs?.name, theirs?.state, theirs?.unread], ["lab", "joined", 1]);
    await until(async () => (await textsOf(theirs as Room)).length === 2);
    assertEquals(await textsOf(theirs as Room), ["one", "two"]);
    await theirs?.markRead();
    assertEquals(theirs?.unread, 0);
    await again.quit();
    store[Symbol.dispose]();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("rooms: an invitation waits for whoever is offline", async () => {
  await using network = createTestNetwork();
  const identity = Identity.generate();
  const ada = await network.login("ada");
  const room = await ada.rooms.create("lab");
  await room.invite({ name: "bob", identity: identity.publicKey });
  const bob = await network.login("bob", { identity });
  const { room: theirs, by } = await bob.waitFor("room-invited", WAIT);
  assertEquals([theirs.label, by.name, theirs.state], ["#lab", "ada", "invited"]);
  const left = ada.waitFor("room-left", WAIT);
  await theirs.leave();
  assertEquals((await left).member.name, "bob");
  assertEquals(room.members.length, 1);
});

Deno.test("rooms: a text and an edit have at most 16,384 bytes, as in chats, in whatever script", async () => {
  await using network = createTestNetwork();
  const ada = await network.login("ada");
  const room = await ada.rooms.create("lab");
  const { id } = await room.send("語".repeat(5_461)); // three bytes each
  const [letters, signs] = ["x".repeat(16_385), "語".repeat(5_462)];
  for (const text of [letters, signs]) {
    await assertRejects(() => room.send(text), ClientError, "at most 16384");
    await assertRejects(() => room.edit(id, text), ClientError, "bytes");
  }
  await room.edit(id, "x".repeat(16_384));
  await assertRejects(() => room.set({ topic: "x".repeat(257) }), ClientError, "characters");
});

Deno.test("rooms: nothing that an ignored member says is shown, and whoever has no rooms is not invited", async () => {
  await using network = createTestNetwork();
  const [ada, bob, cyd] = [
    await network.login("ada"),
    await network.login("bob"),
    await network.login("cyd"),
  ];
  const [room, bobs, cyds] = await roomOf(ada, bob, cyd);
  await cyd.calls.ignore({ key: `${bob.publicKey}` });
  await bobs?.send("not for cyd");
  await until(() => room.unread === 1);
  await room.send("for all");
  await until(() => cyds?.unread === 1);
  assertEquals(await textsOf(cyds as Room), ["for all"]);
  const old = await network.login("old", { identity: undefined });
  const row = await ada.users.find("old", WAIT);
  await assertRejects(() => room.invite(row), ClientError, "no rooms");
  assertEquals(old.rooms.all, []);
});

Deno.test("rooms: somebody whom nobody can dial is invited all the same, and no chat opens", async () => {
  await using network = createTestNetwork();
  const [ada, bob] = [
    await network.login("ada"),
    await network.login("bob", { listen: { hostname: "127.0.0.1" } }),
  ];
  const opened: string[] = [];
  for (const user of [ada, bob]) {
    user.addEventListener("chat-opened", ({ chat }) => opened.push(chat.name));
  }
  const [room, bobs] = await roomOf(ada, bob);
  await room.send("hello");
  await until(() => bobs?.unread === 1);
  await bobs?.send("hi");
  await until(() => room.unread === 1);
  assertEquals(opened, []);
});

Deno.test("rooms: two programs with one data folder show what either says, hears and makes", async () => {
  await using network = createTestNetwork();
  const folder = await Deno.makeTempDir();
  const identity = Identity.generate();
  const stores = [await openStore(folder), await openStore(folder)];
  try {
    const [one, two] = [
      await network.login("ada", { identity, ...stores[0] && { store: stores[0] } }),
      await network.login("ada", { identity, ...stores[1] && { store: stores[1] } }),
    ];
    const room = await one.rooms.create("lab");
    await until(() => two.rooms.all.length === 1);
    const [theirs] = two.rooms.all;
    assertEquals([theirs?.id, theirs?.state, theirs?.role], [room.id, "joined", "owner"]);
    const seen = [two.waitFor("room-sent", WAIT), one.waitFor("room-sent", WAIT)];
    const said = await room.send("from one");
    assertEquals((await seen[0])?.message.id, said.id);
    const answered = one.waitFor("room-sent", {
      ...WAIT,
      where: ({ message }) => message.text === "from two",
    });
    await theirs?.send("from two", { replyTo: said.id });
    assertEquals((await answered).message.replyTo, said.id);
    assertEquals(await textsOf(room), ["from one", "from two"]);
    assertEquals(await textsOf(theirs as Room), ["from one", "from two"]);
    // Each is shown once, also if a member brings it first.
    const bob = await network.login("bob");
    const events: string[] = [];
    for (const user of [one, two]) {
      user.addEventListener("room-message", ({ message }) => events.push(message.text));
    }
    const invited = bob.waitFor("room-invited", WAIT);
    await room.invite(await one.users.find("bob", WAIT));
    const { room: bobs } = await invited;
    await bobs.join();
    await until(() => [room, theirs].every((each) => each?.members.length === 2));
    await bobs.send("hello, both");
    await until(() => events.length === 2);
    await until(() => room.unread === 1 && theirs?.unread === 1);
    await theirs?.markRead();
    await until(() => room.unread === 0);
    assertEquals(events, ["hello, both", "hello, both"]);
    await Promise.all([one.quit(), two.quit()]);
  } finally {
    for (const store of stores) store[Symbol.dispose]();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("rooms: a search finds by words, also what was edited, however far back it is", async () => {
  await using network = createTestNetwork();
  const ada = await network.login("ada");
  const room = await ada.rooms.create("lab");
  const [lunch, other] = [await room.send("Lünch at noon?"), await room.send("something else")];
  const gone = await room.send("lunch is off");
  for (let at = 0; at < 1_200; at++) await room.send(`line ${at}`);
  await room.edit(other.id, "LUNCH, too");
  await room.delete(gone.id);
  const texts = async (words: string, most?: number) =>
    (await room.search(words, most)).map(({ text }) => text);
  assertEquals(await texts("lunch"), ["Lünch at noon?", "LUNCH, too"]);
  assertEquals(await texts("noon lun"), ["Lünch at noon?"]);
  assertEquals(await texts("else"), []);
  assertEquals(await texts("line 119"), [
    "line 119",
    ...Array.from({ length: 10 }, (_, at) => `line 119${at}`),
  ]);
  assertEquals(await texts("line", 2), ["line 1198", "line 1199"]);
  assertEquals([await texts(""), (await texts("line")).length], [[], 100]);
  assertEquals((await room.find(lunch.id))?.text, "Lünch at noon?");
});

Deno.test("rooms: what its author has deleted goes to nobody who did not have it before", async () => {
  await using network = createTestNetwork();
  const [ada, bob] = [await network.login("ada"), await network.login("bob")];
  const [room, bobs] = await roomOf(ada, bob);
  const [first, second] = [await room.send("my secret"), await room.send("fine")];
  await room.edit(first.id, "my other secret");
  await until(async () => (await bobs?.find(first.id))?.text === "my other secret");
  await room.delete(first.id);
  await until(async () => (await bobs?.find(first.id))?.isDeleted === true);
  const cyd = await network.login("cyd");
  const invited = cyd.waitFor("room-invited", WAIT);
  await room.invite(await ada.users.find("cyd", WAIT));
  const { room: cyds } = await invited;
  await cyds.join();
  await until(async () => (await cyds.find(first.id))?.isDeleted === true);
  await until(async () => (await cyds.find(second.id))?.text === "fine");
  const message = await cyds.find(first.id);
  assertEquals([message?.text, message?.versions, message?.isMissing], ["", [], false]);
  assertEquals(await textsOf(cyds), ["", "fine"]);
  // Somebody who had it keeps it, like other earlier texts.
  assertEquals((await bobs?.find(first.id))?.versions, ["my secret", "my other secret"]);
});

Deno.test("rooms: whoever has a new key is told of all rooms at once", async () => {
  await using network = createTestNetwork();
  const folder = await Deno.makeTempDir();
  try {
    for (const key of [1, 2]) {
      using store = await openStore(folder);
      await using bob = new TestUser({
        ...{ name: "bob", network: network.machine(), store },
        server: parseAddress(network.address, 0),
        identity: Identity.fromBytes(testKey(key)),
      });
      const told: string[] = [];
      bob.addEventListener("error", ({ error }) => told.push(error.message));
      await bob.rooms.ready;
      if (key === 1) { for (const name of ["lab", "team", "lab"]) await bob.rooms.create(name); }
      const tags = bob.rooms.all.filter(({ name }) => name === "lab").map(({ id }) =>
        id.slice(0, 4)
      );
      assertEquals(
        told.map((text) => text.replace(/\((.*)\)/, (_, all) => all.split(", ").sort().join(" "))),
        key === 1 ? [] : [
          `you are no longer a member of 3 rooms ${
            [...tags.map((tag) => `#lab~${tag}`), "#team"].sort().join(" ")
          }: your key is another one now; members can invite you again`,
        ],
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("rooms: whoever has a new key is no member, is told so once, and can be invited again", async () => {
  await using network = createTestNetwork();
  const folder = await Deno.makeTempDir();
  const [oldKey, newKey] = [testKey(1), testKey(2)];
  try {
    const ada = await network.login("ada");
    let store = await openStore(folder);
    const bob = await network.login("bob", { identity: Identity.fromBytes(oldKey), store });
    const [room] = await roomOf(ada, bob);
    await bob.quit();
    store[Symbol.dispose]();
    const identity = Identity.fromBytes(newKey, [createRotation(oldKey, newKey, 1)]);
    for (const errors of [1, 0]) {
      store = await openStore(folder);
      const server = parseAddress(network.address, 0);
      await using again = new TestUser(
        { name: "bob", server, network: network.machine(), identity, store },
      );
      const told: string[] = [];
      again.addEventListener("error", ({ error }) => told.push(error.message));
      await again.login();
      await again.rooms.ready;
      const [theirs] = again.rooms.all;
      assertEquals([theirs?.name, theirs?.state, theirs?.role], ["lab", "left", undefined]);
      assertEquals(told.length, errors, told.join());
      for (const text of told) assertMatch(text, /no longer a member of #lab: your key is another/);
      await assertRejects(async () => await theirs?.send("hello"), ClientError, "not a member");
      if (errors === 0) {
        const invited = again.waitFor("room-invited", WAIT);
        await room.invite({ name: "bob", identity: identity.publicKey });
        await (await invited).room.join();
        assertEquals(theirs?.state, "joined");
        await theirs?.send("back again");
        await until(async () => (await textsOf(room)).includes("back again"));
      }
      await again.quit();
      store[Symbol.dispose]();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
