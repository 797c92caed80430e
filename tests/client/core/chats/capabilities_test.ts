/** A peer of an earlier version is sent nothing that it can't take, and misses nothing that it can. */

import { assertEquals } from "@std/assert";
import type { PeerMessage } from "../../../../protocol/mod.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { testKey } from "../../../fixtures/keys.ts";

const PEER = { name: "old", key: testKey(0x83) };

async function callFrom(server: TableServer, user: TableUser, capabilities = 0): Promise<Mim2Peer> {
  await server.pin(user, PEER.name, PEER.key);
  const wire = await Wire.dial(server.network.host("198.18.9.9"), user.address, user.port);
  return await Mim2Peer.call(wire, { ...PEER, capabilities });
}

/** All that a bare peer hears up to a text, which it acknowledges. */
async function hearUpTo(peer: Mim2Peer, text: string): Promise<(PeerMessage | undefined)[]> {
  const heard: (PeerMessage | undefined)[] = [];
  for (;;) {
    const message = await peer.hear();
    heard.push(message);
    if (message?.type !== "text") continue;
    await peer.say({ type: "received", id: message.id });
    if (message.text === text) return heard;
  }
}

Deno.test("capabilities: actions wait for a newer version there, and hold up nothing behind them", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const peer = await callFrom(server, ada);
  const { chat } = await ada.saw("chat-opened", { name: "old" });
  assertEquals([chat.can("actions"), chat.can("seen")], [false, false]);
  const first = await chat.send("first");
  await hearUpTo(peer, "first");
  await first.delivered;
  const edit = await chat.edit(first, "edited");
  assertEquals([edit.state, edit.missing], ["queued", "actions"]);
  const { message } = await ada.saw("queued");
  assertEquals(message, edit);
  const reply = await chat.send("behind it", { reply: first });
  const [text] = await hearUpTo(peer, "behind it");
  assertEquals(text?.type === "text" ? [text.text, text.reply] : [], ["behind it", undefined]);
  await reply.delivered;
  assertEquals(ada.outbox, [edit]);
  assertEquals(await ada.store.outbox().then((all) => all.map(({ action }) => action?.type)), [
    "edit",
  ]);
  peer.wire.close();
  await ada.saw("chat-closed");

  const newer = await callFrom(server, ada, 1);
  const action = await newer.hear();
  assertEquals(action?.type === "action" && [action.action, action.body], ["edit", "edited"]);
  assertEquals(edit.missing, undefined);
  await newer.say({ type: "received", id: Uint8Array.fromHex(edit.id) });
  await edit.delivered;
  assertEquals(ada.outbox, []);
  newer.wire.close();
  await ada.saw("chat-closed");
});

Deno.test("capabilities: a text of an earlier version is taken as ever, its actions are none", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const peer = await callFrom(server, ada);
  const old = "54 00000008 1111111111111111 0000000000000001 00000002 0061";
  await peer.say(Uint8Array.fromHex(old.replaceAll(" ", "")));
  const { message } = await ada.saw("message", { text: "a" });
  assertEquals([message.reply, await peer.hear()], [
    undefined,
    { type: "received", id: new Uint8Array(8).fill(0x11) },
  ]);
  peer.wire.close();
  await ada.saw("chat-closed");
});

Deno.test("capabilities: nobody is dialed for what the server says a version can't take", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob", { key: testKey(7) })];
  const chat = await ada.call(bob);
  const text = await chat.send("hello");
  await text.delivered;
  await bob.leave();
  await ada.saw("chat-closed");
  await ada.isTold((row) => row.name === "bob" ? { ...row, capabilities: 0 } : row);
  const edit = await chat.edit(text, "hallo");
  const again = await server.user("bob", { key: testKey(7) });
  assertEquals([chat.can("actions"), edit.state, again.events.all], [false, "queued", []]);
  await ada.isTold();
  await edit.delivered;
  assertEquals(again.events.all.map(({ event }) => event), ["chat-opened"]);
});

Deno.test("capabilities: they stand in the login, what was seen only once it is switched on", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = server.offlineUser("bob");
  bob.sharesSeen = true;
  await bob.login();
  await server.update();
  const command = await server.user("carol", { more: { takesMessages: false } });
  const bits = [...ada.users].map(({ name, details }) => [name, details?.capabilities]);
  assertEquals(bits.sort(), [
    ["ada", 1 | 2 | 4 | 16],
    ["bob", 1 | 2 | 4 | 8 | 16],
    ["carol", 2 | 4 | 16 | 64],
  ]);
  assertEquals(command.sharesSeen, false);
});
