/** Who freezes, or falls off the network, with a chat open: the server is told, and looks. */

import { assertEquals } from "@std/assert";
import { limits, type PeerMessage } from "../../../../protocol/mod.ts";
import { serverLimits } from "../../../../server/limits.ts";
import { Clock, FakeTime } from "../../../helpers/time.ts";
import { FrozenNetwork } from "../../../helpers/faults.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import { newIdentity, testKey } from "../../../fixtures/keys.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { poll } from "../../../helpers/wait.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";

/** A silence that is too long, however it falls. */
const TOO_LONG = limits.unreachableTimeoutMs * 1.25;
/** Time in which a message that is acknowledged is. */
const SOON = 100;

Deno.test("ghosts: who freezes is off the list within seconds of a message, which waits", async () => {
  using clock = new Clock();
  using time = new FakeTime();
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const machine = env.machine();
  const network = new FrozenNetwork(machine.network);
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const bob = env.user("bob", at, { ...machine, network: network.network }, {
    identity: newIdentity(),
  });
  for (const user of [bob, ada]) await user.login();
  const chat = await ada.call("bob");
  await chat.send("hello");
  await ada.saw("delivered", { text: "hello" });
  network.freeze();
  await chat.send("are you there?");
  await poll(() => network.waiting === 1, "the message");
  clock.advance(TOO_LONG);
  await time.pass(TOO_LONG);
  await poll(() => network.waiting === 3, "the server's ping, and ada's dial");
  clock.advance(serverLimits.singleReportTimeoutMs); // it has ada's word alone
  await ada.saw("offline", { name: "bob" });
  assertEquals(chat.state === "open", true);
  assertEquals(ada.outbox.map(({ text }) => text), ["are you there?"]);
  assertEquals(ada.events.unread.map(({ event }) => event).includes("error"), false);
  network.thaw(); // the chat has not ended: what was said arrives after all
  await ada.saw("delivered", { text: "are you there?" });
});

/** Ada, in a chat with a bare peer that is in the table as bob. */
async function chatting(server: TableServer) {
  const ada = await server.user("ada");
  const bob = await server.user("bob", { key: testKey(7) });
  const host = server.network.host("198.18.9.9");
  const listener = host.listen({ hostname: "198.18.9.9", port: 0 });
  const { hostname: address, port } = listener.addr;
  await ada.isTold((user) => user.name === "bob" ? { ...user, address, port } : user);
  const calling = ada.call(bob);
  const wire = new Wire(await listener.accept());
  listener.close();
  const peer = await Mim2Peer.answer(wire, { name: "bob", key: testKey(7) });
  const chat = await calling;
  const has = async ({ id }: Extract<PeerMessage, { type: "text" }>) =>
    await peer.say({ type: "received", id });
  return { ada, chat, peer, has, session: bob.session.toHex() };
}

Deno.test("ghosts: a silence is told once, and the next one anew", async () => {
  using time = new FakeTime();
  await using server = new TableServer();
  const { ada, chat, peer, has, session } = await chatting(server);
  for (const text of ["one", "two"]) await chat.send(text);
  await time.pass(limits.unreachableTimeoutMs - 1);
  assertEquals(ada.unreached, [], "that is not long yet");
  await time.pass(TOO_LONG);
  assertEquals(ada.unreached, [session]);
  await chat.send("three");
  await time.pass(TOO_LONG * 10);
  assertEquals(ada.unreached, [session], "all of it is one silence");
  await has(await peer.hearText());
  await time.pass(TOO_LONG);
  assertEquals(ada.unreached, [session, session], "it has said something, but not of the others");
  await has(await peer.hearText());
  await has(await peer.hearText());
  await time.pass(TOO_LONG * 10);
  assertEquals([ada.unreached.length, ada.outbox], [2, []]);
  await chat.send("four");
  await time.pass(TOO_LONG);
  assertEquals(ada.unreached.length, 3);
  peer.wire.close();
});

Deno.test("ghosts: who answers, or says anything, is not doubted; nor one to whom nothing is said", async () => {
  using time = new FakeTime();
  await using server = new TableServer();
  const { ada, chat, peer, has } = await chatting(server);
  await time.pass(TOO_LONG * 10);
  for (let message = 0; message < 40; message++) {
    await chat.send("hello");
    const text = await peer.hearText();
    await time.pass(SOON);
    await has(text);
    await time.pass(SOON * 9);
  }
  await time.pass(TOO_LONG * 10);
  await chat.send("take your time");
  const text = await peer.hearText();
  for (let typing = true, times = 0; times < 20; typing = !typing, times++) {
    await peer.say({ type: "typing", typing });
    await time.pass(limits.unreachableTimeoutMs - SOON);
  }
  await has(text);
  await time.pass(TOO_LONG);
  assertEquals([ada.unreached, ada.outbox], [[], []]);
  peer.wire.close();
});

Deno.test("ghosts: of a classic user who can't be dialed the server is told, too", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob", { key: null });
  await ada.isTold((user) => user.name === "bob" ? { ...user, port: 9_999 } : user);
  await poll(() => [...ada.users].some(({ port }) => port === 9_999), "the row");
  await assertRefused("peer-unreachable", () => ada.call(bob));
  await poll(() => ada.unreached.length > 0, "the report");
  assertEquals(ada.unreached.length, 1);
});

Deno.test("ghosts: who has moved is where the table says, in a chat that goes on", async () => {
  await using server = new TableServer();
  const { ada, chat, peer } = await chatting(server);
  const { address: before } = chat;
  const moved = { address: "198.18.9.77", port: 5_555 };
  await ada.isTold((user) => user.name === "bob" ? { ...user, ...moved } : user);
  await poll(() => chat.address === moved.address, "the chat to follow");
  await peer.text("I have moved", 1);
  const { chat: shown } = await ada.saw("message", { text: "I have moved" });
  assertEquals([shown.address, shown.port], [moved.address, moved.port]);
  const bob = () => ada.trust.contacts.find(({ name }) => name === "bob");
  await poll(() => bob()?.address === "198.18.9.77:5555", "the place to be remembered");
  assertEquals(before, "198.18.9.9");
  peer.wire.close();
});

Deno.test("ghosts: of two programs of one user under one name, both are asked; others are not", async () => {
  using time = new FakeTime();
  await using server = new TableServer();
  const { ada, chat, peer, session } = await chatting(server);
  const twin = await server.user("bob", { key: testKey(7), address: server.machine() });
  await server.user("rob", { key: testKey(7), address: server.machine() });
  await server.user("bob", { key: testKey(8), address: server.machine() });
  await chat.send("hello");
  await time.pass(TOO_LONG);
  assertEquals(ada.unreached, [session, twin.session.toHex()]);
  peer.wire.close();
});
