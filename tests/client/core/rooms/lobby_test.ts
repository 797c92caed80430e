import { assert, assertEquals, assertRejects } from "@std/assert";
import { ClientError, type Messenger, type Room } from "../../../../mod.ts";
import { createTestNetwork, type TestNetwork } from "../../../../client/testing/mod.ts";
import { poll } from "../../../helpers/wait.ts";

async function textsOf(room: Room | undefined): Promise<string[]> {
  const items = await room?.history() ?? [];
  return items.flatMap((item) => item.type === "message" ? [item.text] : []);
}

/** Users who are in the lobby, and see each other there. */
async function inLobby(network: TestNetwork, ...names: readonly string[]): Promise<Messenger[]> {
  const users: Messenger[] = [];
  for (const name of names) users.push(await network.login(name, { reconnect: true }));
  for (const user of users) await user.rooms.named("#lobby")[0]?.join();
  await poll(
    () => users.every(({ rooms }) => rooms.lobby?.members.length === names.length),
    "all are in the lobby",
  );
  return users;
}

Deno.test("lobby: what one says is heard by all who have joined, and by nobody else", async () => {
  await using network = createTestNetwork();
  const outside = await network.login("dan");
  const [ada, bob, cyd] = await inLobby(network, "ada", "bob", "cyd");
  const heard = [bob, cyd].map((user) => user?.waitFor("room-message", { timeoutMs: 60_000 }));
  await ada?.rooms.lobby?.send("is anyone in?");
  for (const event of await Promise.all(heard)) {
    const { room, message } = event ?? {};
    assertEquals([room?.label, message?.name, message?.author.isConfirmed], [
      "#lobby",
      "ada",
      true,
    ]);
  }
  await bob?.rooms.lobby?.send("yes");
  await poll(async () => (await textsOf(cyd?.rooms.lobby)).length === 2, "cyd has both");
  assertEquals(await textsOf(cyd?.rooms.lobby), ["is anyone in?", "yes"]);
  assertEquals(outside.rooms.all, []);
  await assertRejects(() => outside.rooms.lobby?.send("me too") ?? Promise.resolve(), ClientError);
  // Whoever comes later gets what was said in the last hour; it is ordered alike for all.
  const eve = await network.login("eve", { reconnect: true });
  await eve.rooms.lobby?.join();
  await poll(async () => (await textsOf(eve.rooms.lobby)).length === 2, "eve has both");
  assertEquals(await textsOf(eve.rooms.lobby), ["is anyone in?", "yes"]);
  await eve.rooms.lobby?.leave();
  assertEquals([eve.rooms.all, await textsOf(eve.rooms.lobby)], [[], []]);
});

Deno.test("lobby: joining and leaving it is nothing that anybody sees, and ends no session and no chat", async () => {
  await using network = createTestNetwork();
  const [ada, bob] = [await network.login("ada"), await network.login("bob")];
  await (await ada.send("bob", "hello")).delivered;
  const isKnown = (user: Messenger) =>
    [...user.users].every(({ details }) => details?.reachability !== "unknown");
  await poll(() => isKnown(ada) && isKnown(bob), "the server to have probed both");
  const [chat] = ada.chats.all;
  const seen: string[] = [];
  for (const user of [ada, bob]) {
    user.subscribe(({ type }) => {
      if (!type.startsWith("room-")) seen.push(`${user.name} ${type}`);
    });
  }
  const session = ada.users.own?.details?.session.toHex();
  for (const user of [ada, bob]) await user.rooms.named("#lobby")[0]?.join();
  const heard = bob.waitFor("room-message", { timeoutMs: 10_000 });
  await poll(() => ada.rooms.lobby?.members.length === 2, "bob is in the lobby for ada");
  await ada.rooms.lobby?.send("is anyone in?");
  assertEquals((await heard).message.text, "is anyone in?");
  await bob.rooms.lobby?.leave();
  await poll(() => ada.rooms.lobby?.members.length === 1, "bob has left it for ada");
  assertEquals(seen, []);
  assertEquals([chat?.state, ada.users.own?.details?.session.toHex()], ["open", session]);
});

Deno.test("lobby: what somebody says who is ignored is not shown, nor what nobody certifies", async () => {
  await using network = createTestNetwork();
  const [ada, bob] = await inLobby(network, "ada", "bob");
  assert(ada?.publicKey !== undefined);
  await bob?.calls.ignore({ name: "ada", key: `${ada.publicKey}` });
  await ada.rooms.lobby?.send("not for bob");
  const heard = ada.waitFor("room-message", { timeoutMs: 60_000 });
  await bob?.rooms.lobby?.send("hello");
  await heard;
  assertEquals(await textsOf(bob?.rooms.lobby), ["hello"]);
  // Neither is an answer to the other: by their own clocks, either may come first.
  assertEquals((await textsOf(ada.rooms.lobby)).sort(), ["hello", "not for bob"]);
  for (const refused of [() => ada.rooms.lobby?.react("00", "x"), () => ada.rooms.lobby?.set({})]) {
    await assertRejects(() => refused() ?? Promise.resolve(), ClientError);
  }
});

Deno.test("lobby: who comes, leaves it and goes offline is an event, so that a list of members can follow", async () => {
  await using network = createTestNetwork();
  const [ada] = await inLobby(network, "ada");
  const counts: (number | undefined)[] = [];
  ada?.subscribe((event) => {
    if (event.type !== "room-changed") return;
    assertEquals([event.room.label, event.what, event.notice], ["#lobby", "room", undefined]);
    counts.push(event.room.members.length);
  });
  const bob = await network.login("bob", { reconnect: true });
  await bob.rooms.named("#lobby")[0]?.join();
  await poll(() => counts.at(-1) === 2, "bob to have come");
  await bob.rooms.lobby?.leave();
  await poll(() => counts.at(-1) === 1, "bob to have left");
  await bob.rooms.named("#lobby")[0]?.join();
  await poll(() => counts.at(-1) === 2, "bob to be back");
  await bob.quit();
  await poll(() => counts.at(-1) === 1, "bob to be offline");
});
