import { assertEquals, assertNotEquals } from "@std/assert";
import type { RoomStore } from "../../../../client/core/room_store.ts";
import { MemoryRoomStore } from "../../../../client/core/rooms/mod.ts";
import { storableEntry } from "../../../../client/core/rooms/room_record.ts";
import { SqliteRoomStore } from "../../../../client/storage/rooms/mod.ts";
import { RoomAuthor } from "../../../fixtures/room_authors.ts";

/** The same of every store of rooms. */
async function check(store: RoomStore): Promise<void> {
  const ada = new RoomAuthor(2);
  const first = ada.create();
  const room = first.room;
  const own = ada.join([first]);
  const [device, key] = [own.device, ada.key];
  assertEquals(await store.rooms(), []);
  assertEquals((await store.device()).length, 8);
  await store.saveRoom({ id: room, state: "joined", readNumber: 0 });
  assertEquals((await store.add(room, storableEntry(first, 1_000)))?.hash, first.hash);
  assertEquals(await store.add(room, storableEntry(first, 1_000)), undefined);
  await store.add(room, storableEntry(own, 1_001));
  const texts = [0, 1, 2, 4].map((count) => ada.say(`text ${count}`, [own], 2_000 + count, count));
  const added = [];
  for (const [at, text] of texts.entries()) {
    added.push(await store.add(room, storableEntry(text, 2_000 - at * 10)));
  }
  assertEquals(await store.talkSpans(room), [
    { author: key, device, oldest: 0, next: 3, beyond: [4], doubled: [] },
  ]);
  assertEquals((await store.membership(room)).map(({ hash }) => hash), [first.hash, own.hash]);
  const newest = await store.newest(room, 3);
  assertEquals(newest.map(({ text }) => text), ["text 2", "text 1", "text 0"]);
  assertEquals(
    newest.map(({ entry }) => entry.body),
    texts.slice(0, 3).reverse().map((one) => one.entry.body),
  );
  const before = await store.newest(room, 3, newest[0]);
  assertEquals(before.map(({ text }) => text), ["", "", "text 4"]);
  assertEquals((await store.behind(room, newest[1] ?? { effective: 0, hash: "" })).length, 1);
  const wanted = await store.wanted(room, [{ author: key, device, from: 1 }]);
  assertEquals((await store.get(wanted)).map(({ count }) => count), [4, 2, 1]);
  assertEquals((await store.withCount(room, key, device, 4))[0]?.text, "text 4");
  await store.setEffective(room, [{ hash: texts[3]?.hash ?? "", effective: 9_000 }]);
  assertEquals((await store.newest(room, 1))[0]?.text, "text 4");
  const target = Uint8Array.fromHex(texts[0]?.hash ?? "");
  const edit = ada.write({ type: "action", action: "edit", target, text: "new" }, [own], {
    count: 5,
  });
  await store.add(room, storableEntry(edit, 9_001));
  assertEquals((await store.actionsOn(room, texts.map(({ hash }) => hash))).length, 1);
  assertEquals(await store.countBehind(room, added[0]?.number ?? 0, "00".repeat(32)), 3);
  assertEquals(await store.countBehind(room, 0, key), 0);
  await store.setBody(room, texts[1]?.hash ?? "", undefined, "");
  const [erased] = await store.find(room, [texts[1]?.hash ?? "", "11".repeat(32)]);
  assertEquals([erased?.text, erased?.entry.body], ["", undefined]);
  const slot = { author: key, device, isMembership: false };
  const appended = await store.append(room, slot, (count) => {
    assertEquals(count, 6);
    return storableEntry(ada.say("own", [own], 1, count), 9_002);
  });
  assertEquals((await store.newest(room, 1))[0], appended);
  const found = await store.texts(room, 2);
  assertEquals(found.map(({ text, target }) => [text, target]), [
    ["own", ""],
    ["new", texts[0]?.hash],
  ]);
  assertEquals((await store.texts(room, 9, found[1])).map(({ text }) => text), [
    "text 4",
    "text 0",
    "text 2",
  ]);
  assertEquals(await store.newestNumber(), appended.number);
  const arrived = await store.arrivals(appended.number - 2, 9);
  assertEquals(arrived.map(({ hash }) => hash), [edit.hash, appended.hash]);
  assertEquals(arrived[0]?.room, room);
  assertEquals((await store.arrivals(0, 2)).map(({ hash }) => hash), [first.hash, own.hash]);
  await store.trim(room);
  const other = { type: "text", replyTo: new Uint8Array(), text: "other" } as const;
  const twice = ada.write(other, [own], { count: 1, salt: 9 });
  await store.add(room, storableEntry(twice, 9_003));
  assertEquals((await store.talkSpans(room))[0]?.doubled, [1]);
  await store.saveRoom({ id: room, state: "left", readNumber: 5 });
  assertEquals(await store.rooms(), [{ id: room, state: "left", readNumber: 5 }]);
  for (const state of ["leaving", "forgotten"] as const) {
    await store.saveRoom({ id: room, state, readNumber: 5 });
    assertEquals((await store.rooms()).map((one) => one.state), [state]);
  }
  const { length } = await store.membership(room);
  await store.removeTalk(room);
  assertEquals([await store.talkSpans(room), (await store.membership(room)).length], [[], length]);
  await store.removeRoom(room);
  assertEquals([await store.rooms(), await store.membership(room)], [[], []]);
}

Deno.test("room store: in memory", async () => {
  await check(new MemoryRoomStore());
});

Deno.test("room store: in a file, which is made with the first room, and opened again", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/rooms.db`;
    using store = new SqliteRoomStore(path, console.error);
    assertEquals(await store.rooms(), []);
    await store.device();
    assertEquals([...Deno.readDirSync(folder)], []);
    await check(store);
    using again = new SqliteRoomStore(path, console.error);
    assertEquals(await again.device(), await store.device());
    await store.hasForeignChanges();
    await store.saveRoom({ id: "11".repeat(32), state: "joined", readNumber: 1 });
    assertEquals(await store.hasForeignChanges(), false);
    await again.saveRoom({ id: "11".repeat(32), state: "joined", readNumber: 2 });
    assertEquals(await store.hasForeignChanges(), true);
    assertEquals(await store.hasForeignChanges(), false);
    assertEquals((Deno.statSync(path).mode ?? 0o600) & 0o777, 0o600);
    using other = new SqliteRoomStore(`${folder}/other.db`, console.error);
    assertNotEquals(await other.device(), await store.device());
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
