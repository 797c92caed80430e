/** `send '#lab'`: hands texts to a room from a script. */

import { assertEquals, assertMatch } from "@std/assert";
import { MemoryStore } from "../../../client/core/mod.ts";
import { MemoryRoomStore } from "../../../client/core/rooms/mod.ts";
import { exitCodeOf } from "../../../client/app/exit_codes.ts";
import { sendCommand } from "../../../client/cli/send_command.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TableServer } from "../../helpers/table_server.ts";
import { assertRefused } from "../../helpers/test_user.ts";

const ADA = { key: testKey(0x21) };
const COMMAND = { takesMessages: false };

/** A room of Ada's and Bob's; Ada has left the program. */
async function roomOf(server: TableServer, store: MemoryStore) {
  const ada = await server.user("ada", { ...ADA, store });
  const bob = await server.user("bob");
  await (await (await ada.call(bob)).send("hello")).delivered;
  const room = await ada.rooms.create("lab");
  await room.invite(ada.sees(bob));
  const { room: atBob } = await bob.saw("room-invited", { room: "#lab" });
  await atBob.join();
  await ada.saw("room-joined", { name: "bob" });
  await ada.leave();
  return bob;
}

Deno.test("send: a room's members get each text, and one of them is enough", async () => {
  await using server = new TableServer();
  const store = Object.assign(new MemoryStore(), { rooms: new MemoryRoomStore() });
  const bob = await roomOf(server, store);
  const ada = server.offlineUser("ada", { ...ADA, store, more: COMMAND });
  const sent: string[] = [];
  const code = await sendCommand(ada, "#lab", ["one", "two\nlines"], {}, undefined, (event) => {
    if (event.type === "room-sent") sent.push(event.message.text);
  });
  assertEquals([code, sent], [0, ["one", "two\nlines"]]);
  await bob.saw("room-message", { room: "#lab", name: "ada", text: "one" });
  await bob.saw("room-message", { text: "two\nlines" });
});

Deno.test("send: a room that nobody else is in reach of, and one that is not there", async () => {
  await using server = new TableServer();
  const store = Object.assign(new MemoryStore(), { rooms: new MemoryRoomStore() });
  const bob = await roomOf(server, store);
  await bob.leave();
  const ada = server.offlineUser("ada", { ...ADA, store, more: COMMAND });
  const error = await assertRefused(
    "send-failed",
    () => sendCommand(ada, "#lab", ["into the void"], { timeoutSeconds: 0.2 }),
  );
  assertEquals(exitCodeOf(error.code), 6);
  assertMatch(error.message, /^#lab has not said that the message arrived/);
  await ada.quit();
  const again = server.offlineUser("ada", { ...ADA, store, more: COMMAND });
  assertEquals(await sendCommand(again, "#lab", ["later"], { queues: true }), 0);
  await again.quit();
  const third = server.offlineUser("ada", { ...ADA, store, more: COMMAND });
  const none = await assertRefused("not-online", () => sendCommand(third, "#none", ["x"]));
  assertEquals(exitCodeOf(none.code), 5);
});
