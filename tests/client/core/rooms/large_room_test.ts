import { assert, assertEquals, assertLess } from "@std/assert";
import { MemoryRoomStore } from "../../../../client/core/rooms/mod.ts";
import { peersToLink } from "../../../../client/core/rooms/peers_to_link.ts";
import { LocalRoom } from "../../../../client/core/rooms/local_room.ts";
import { storableEntry } from "../../../../client/core/rooms/room_record.ts";
import { RoomAuthor } from "../../../fixtures/room_authors.ts";
import { RoomWorld } from "../../../fixtures/room_world.ts";

const MEMBERS = 80;

/** A world in which all are members of one room, as their stores say. */
async function largeRoom(): Promise<RoomWorld> {
  const authors = Array.from({ length: MEMBERS }, (_, at) => new RoomAuthor(at + 1));
  const [owner, ...guests] = authors as [RoomAuthor, ...RoomAuthor[]];
  const first = owner.create();
  const records = [first, owner.join([first])];
  for (const guest of guests) {
    const invitation = owner.invite(guest, records.slice(-1));
    records.push(invitation, guest.join([invitation]));
  }
  const world = new RoomWorld(MEMBERS);
  for (const { store } of world.members) {
    assert(store instanceof MemoryRoomStore);
    await store.saveRoom({ id: first.hash, state: "joined", readNumber: 0 });
    for (const [at, record] of records.entries()) {
      await store.add(first.hash, storableEntry(record, 1_000 + at));
    }
  }
  for (const { rooms } of world.members) await rooms.ready;
  return world;
}

Deno.test("rooms: of more than 64 members each links with eight, and a text comes to all once", async () => {
  const world = await largeRoom();
  try {
    const keys = world.members.map(({ key }) => key);
    let links = 0;
    for (const [at, { room, key }] of world.members.entries()) {
      assert(room instanceof LocalRoom);
      const { peers } = peersToLink(room, key, () => true, 0);
      assertEquals(peers.length, 8);
      for (const peer of peers) world.link(at, keys.indexOf(peer));
      links += peers.length;
    }
    await world.quiet();
    const before = world.traffic.messages;
    await world.member(17).room?.send("for all");
    await world.quiet();
    for (const { name, room, events } of world.members) {
      const texts = events.filter(({ type }) => type === "room-message" || type === "room-sent");
      assertEquals([name, texts.length, room?.unread], [name, 1, name === "user17" ? 0 : 1]);
    }
    // Each link carries it once or twice, with an acknowledgment each: nothing is flooded.
    assertLess(world.traffic.messages - before, links * 4);
  } finally {
    await world.close();
  }
});
