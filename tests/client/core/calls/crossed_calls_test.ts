/** Two who dial each other at once end with one link, whatever comes first, and lose nothing. */

import { assert, assertEquals } from "@std/assert";
import type { Chat } from "../../../../client/core/mod.ts";
import { Clock, FakeTime } from "../../../helpers/time.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { delayedNetwork, unevenNetwork } from "../../../helpers/faults.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { poll } from "../../../helpers/wait.ts";
import { clientLimits } from "../../../../client/core/limits.ts";

const ORDERS = 40;
/** Of those whose time is counted, which takes longer. */
const DELAYED_ORDERS = 8;

/** A generator of the same numbers each time: 0 to 7 (Park and Miller's). */
function turnsOf(seed: number): () => number {
  let state = seed + 1;
  return () => (state = state * 48_271 % 2_147_483_647) % 8;
}

function texts({ events }: TableUser, type: string): string[] {
  return events.all.flatMap(({ event, text }) => event === type ? [String(text)] : []);
}

Deno.test(`crossed calls: one connection is left, in ${ORDERS} orders, and every text arrives once`, async () => {
  let crossed = 0;
  await Promise.all(Array.from({ length: ORDERS }, async (_, seed) => {
    await using server = new TableServer();
    const user = (name: string, key: number, address: string) => {
      const network = delayedNetwork(server.network.host(address), turnsOf(seed * 7 + key));
      return server.user(name, { key: testKey(key), address, network });
    };
    const ada = await user("ada", 1, server.machine());
    const bob = await user("bob", 2, server.machine());
    const talk = async (from: TableUser, to: TableUser): Promise<Chat> => {
      const chat = await from.call(to);
      for (let text = 0; text < 5; text++) await chat.send(`${from.name} ${text}`);
      return chat;
    };
    const [atAda, atBob] = await Promise.all([talk(ada, bob), talk(bob, ada)]);
    if (atAda.direction === "outgoing" && atBob.direction === "outgoing") crossed++;
    const [adas, bobs] = [ada, bob].map(({ name }) =>
      Array.from({ length: 5 }, (_, text) => `${name} ${text}`)
    );
    await poll(() => texts(bob, "message").length === 5, `all of Ada's texts, order ${seed}`);
    await poll(() => texts(ada, "message").length === 5, `all of Bob's texts, order ${seed}`);
    const empty = () => ada.outbox.length + bob.outbox.length === 0;
    await poll(empty, `all acknowledged, order ${seed}`);
    assertEquals([texts(ada, "message"), texts(bob, "message")], [bobs, adas]);
    assertEquals([atAda.state === "open", atBob.state === "open"], [true, true]);
    assertEquals([ada.chats.all.length, bob.chats.all.length], [1, 1]);
    // One connection has two ends; beside it there are the two listeners.
    await poll(() => server.openBesides === 4, `one connection, order ${seed}`);
    assertEquals(texts(ada, "chat-closed").concat(texts(bob, "chat-closed")), []);
    const both = [...ada.events.all, ...bob.events.all];
    assertEquals(both.filter(({ event }) => event === "chat-opened").length, 2, `order ${seed}`);
    assertEquals(both.filter(({ event }) => event === "error"), [], `order ${seed}`);
  }));
  assert(crossed > 0, "some of them crossed");
  // Reads that wait of connections that are closed by now.
  for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => setTimeout(resolve));
});

Deno.test("crossed calls: of two that the peer has dialed, the newer one stays", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  await server.pin(ada, "bob", testKey(9));
  const dialed = () => Wire.dial(server.network.host("198.18.9.9"), ada.address, ada.port);
  await using first = await dialed();
  await Mim2Peer.call(first, { name: "bob", key: testKey(9) });
  const { chat } = await ada.saw("chat-opened");
  await using second = await dialed();
  const peer = await Mim2Peer.call(second, { name: "bob", key: testKey(9) });
  await peer.text("again", 1);
  await ada.saw("message", { text: "again" });
  await first.hung();
  await chat.send("I see");
  assertEquals((await peer.hearText()).text, "I see");
});

for (const [what, adas, bobs] of [["smaller", 1, 2], ["larger", 2, 1]] as const) {
  Deno.test(`crossed calls: a peer gets through after it has lost the connection that the ${what} key dialed`, async () => {
    using time = new FakeTime();
    await using server = new TableServer();
    const ada = await server.user("ada", { key: testKey(adas) });
    const bob = await server.user("bob", { key: testKey(bobs) });
    const listener = server.network.host(bob.address).listen({ hostname: bob.address, port: 0 });
    await ada.isTold((user) => ({ ...user, port: listener.addr.port }));
    const options = { name: "bob", key: testKey(bobs) };
    const [wire, chat] = await Promise.all([
      listener.accept().then(async (connection) => {
        const wire = new Wire(connection);
        await Mim2Peer.answer(wire, options);
        return wire;
      }),
      ada.call(bob),
    ]);
    listener.close();
    const host = server.network.host(bob.address);
    await using again = await Wire.dial(host, ada.address, ada.port);
    const peer = await Mim2Peer.call(again, options);
    await chat.send("are you there?");
    await time.pass(clientLimits.lingerTimeoutMs);
    assertEquals((await peer.hearText()).text, "are you there?");
    await time.pass(clientLimits.lingerTimeoutMs);
    await wire.hung();
    wire.close();
    assertEquals(chat.state === "open", true);
  });
}

/** Sees the other in another session from now on, as after a change of the server. */
async function seesNewSession(user: TableUser): Promise<void> {
  await user.isTold((row) => ({ ...row, session: row.session.map((byte) => byte + 50) }));
  const others = () => [...user.users].filter(({ own }) => !own);
  await poll(() => others().every(({ details }) => (details?.session[0] ?? 0) >= 50), "it");
}

/** Two in a chat that ada or bob has opened, in which both have written; bytes take a while from then on. */
async function chatting(seed: number) {
  const server = new TableServer();
  const isUneven = { value: false };
  const user = async (name: string, key: number) => {
    const [address, turns] = [server.machine(), turnsOf(seed * 7 + key)];
    const delay = () => isUneven.value ? [0, 2, 10, 50][turns() % 4] ?? 0 : 0;
    const network = unevenNetwork(server.network.host(address), delay);
    return await server.user(name, { key: testKey(key), address, network });
  };
  const [ada, bob] = [await user("ada", 1), await user("bob", 2)];
  const [from, to] = seed % 2 === 0 ? [ada, bob] : [bob, ada];
  const chat = await from.call(to);
  const { chat: answer } = await to.saw("chat-opened");
  await chat.send("hello");
  await answer.send("hello");
  for (const each of [ada, bob]) await each.saw("delivered", { text: "hello" });
  for (const each of [ada, bob]) each.events.clear();
  isUneven.value = true;
  const [atAda, atBob] = from === ada ? [chat, answer] : [answer, chat];
  return { server, ada, bob, atAda, atBob };
}

for (const [who, areBoth] of [["one side dials", false], ["both sides dial", true]] as const) {
  Deno.test(`crossed calls: a chat goes on if ${who} anew after a change of the server, in ${DELAYED_ORDERS} orders`, async () => {
    using time = new FakeTime();
    using clock = new Clock();
    const seeds = Array.from({ length: DELAYED_ORDERS }, (_, seed) => seed);
    const all = await Promise.all(seeds.map(chatting));
    clock.advance(60_000);
    await Promise.all(all.map(async ({ ada, bob, atAda, atBob }) => {
      await seesNewSession(ada);
      if (areBoth) await seesNewSession(bob);
      await atAda.send("are you there?");
      if (areBoth) await atBob.send("are you there?");
    }));
    await time.pass(5_000);
    for (const [seed, { server, ada, bob }] of all.entries()) {
      const events = (user: TableUser) => user.events.all.map(({ event }) => event).sort();
      const expected = areBoth
        ? [["delivered", "message", "sent"], ["delivered", "message", "sent"]]
        : [["delivered", "sent"], ["message"]];
      assertEquals([events(ada), events(bob)], expected, `order ${seed}`);
      assertEquals(server.openBesides, 4, `one connection, order ${seed}`);
    }
    const closing = Promise.all(all.map(({ server }) => server[Symbol.asyncDispose]()));
    await time.pass(5_000);
    await closing;
  });
}

Deno.test("crossed calls: one connection is left, though the programs stand still meanwhile", async () => {
  using time = new FakeTime();
  const server = new TableServer();
  let delayMs = 0;
  const user = async (name: string, key: number) => {
    const address = server.machine();
    const network = unevenNetwork(server.network.host(address), () => delayMs);
    return await server.user(name, { key: testKey(key), address, network });
  };
  const [ada, bob] = [await user("ada", 1), await user("bob", 2)];
  delayMs = 10;
  const calls = Promise.all([ada.call(bob), bob.call(ada)]);
  await time.pass(500);
  const chats = await calls;
  assertEquals(chats.map(({ direction }) => direction), ["outgoing", "outgoing"], "they crossed");
  await time.stall(5_000);
  await time.pass(5_000);
  assertEquals(texts(ada, "chat-closed").concat(texts(bob, "chat-closed")), []);
  assertEquals(chats.map(({ state }) => state), ["open", "open"]);
  assertEquals(server.openBesides, 4);
  const closing = server[Symbol.asyncDispose]();
  await time.pass(5_000);
  await closing;
});
