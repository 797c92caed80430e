/** `send '#lab'`: hands texts to a room from a script. */

import { assertEquals, assertMatch } from "@std/assert";
import { Identity, MemoryStore, Messenger } from "../../../client/core/mod.ts";
import { createTestNetwork, type TestNetwork } from "../../../client/testing/mod.ts";
import { MemoryRoomStore } from "../../../client/core/rooms/mod.ts";
import { exitCodeOf } from "../../../client/app/exit_codes.ts";
import { followCommand } from "../../../client/cli/follow_command.ts";
import { sendCommand } from "../../../client/cli/send_command.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TableServer } from "../../helpers/table_server.ts";
import { assertRefused } from "../../helpers/test_user.ts";
import { poll } from "../../helpers/wait.ts";
import { hasCapability, parseAddress } from "../../../protocol/mod.ts";

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

const isInLobby = (capabilities = 0) => hasCapability(capabilities, "lobby");

/** A program of the user's that has not logged in. */
function program(network: TestNetwork, name: string, store = new MemoryStore()): Messenger {
  return new Messenger({
    ...{ name, store, ...COMMAND, network: network.machine() },
    server: parseAddress(network.address, 4242),
    identity: Identity.generate(),
  });
}

Deno.test("send: the lobby needs no joining, and somebody has to be there", async () => {
  await using network = createTestNetwork();
  const [bob, cyd] = [await network.login("bob"), await network.login("cyd")];
  await using ada = program(network, "ada");
  const nobody = await assertRefused(
    "not-online",
    () => sendCommand(ada, "#lobby", ["hello"]),
  );
  assertEquals([nobody.message, exitCodeOf(nobody.code)], ["Nobody else is in #lobby", 5]);
  await ada.quit();
  await bob.rooms.lobby?.join();
  const heard = bob.waitFor("room-message", { timeoutMs: 60_000 });
  await poll(
    () => [...cyd.users].some(({ details }) => isInLobby(details?.capabilities)),
    "the server to know that bob is in the lobby",
  );
  await using again = program(network, "ada2");
  assertEquals(await sendCommand(again, "#lobby", ["anybody?"]), 0);
  await again.quit();
  assertEquals((await heard).message.text, "anybody?");
});

Deno.test("follow: the lobby is followed while the command runs", async () => {
  await using network = createTestNetwork();
  const bob = await network.login("bob");
  await bob.rooms.lobby?.join();
  await using ada = program(network, "ada");
  const heard = ada.waitFor("room-message", { timeoutMs: 60_000 });
  const following = followCommand(ada, "#lobby");
  await poll(() => bob.rooms.lobby?.members.length === 2, "ada is in the lobby for bob");
  await bob.rooms.lobby?.send("hello");
  assertEquals((await heard).message.text, "hello");
  await ada.quit();
  void following; // it would go on until a signal
});

Deno.test("send, follow: a room that the user is not in is exit 5", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await (await (await ada.call(bob)).send("hello")).delivered;
  const room = await ada.rooms.create("lab");
  await room.invite(ada.sees(bob));
  await bob.saw("room-invited", { room: "#lab" });
  const { message, code } = await assertRefused("not-online", () => followCommand(bob, "#lab"));
  assertEquals(
    [message, exitCodeOf(code)],
    ["You are no member of #lab: start MIM, and /join #lab there", 5],
  );
});
