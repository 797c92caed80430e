/** A message is one object from the send to its end, whatever becomes of it. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { ClientError, MemoryStore, type Message } from "../../../../client/core/mod.ts";
import { limits } from "../../../../protocol/mod.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { poll } from "../../../helpers/wait.ts";

/** Ada, and a chat with Bob, who is gone. */
async function withoutBob(server: TableServer) {
  const ada = await server.user("ada");
  const bob = await server.user("bob", { key: testKey(7) });
  const chat = await ada.call(bob);
  await bob.leave();
  await ada.saw("chat-closed");
  return { ada, chat, back: () => server.user("bob", { key: testKey(7) }) };
}

function statesOf({ events }: TableUser): string[] {
  const words = ["sent", "queued", "delivered", "error"];
  return events.all.map(({ event }) => event).filter((event) => words.includes(event));
}

Deno.test("message: one that waits goes through its states, an event each", async () => {
  await using server = new TableServer();
  const { ada, chat, back } = await withoutBob(server);
  const message = await chat.send("hello");
  assertEquals([message.state, message.direction, message.name], ["queued", "outgoing", "bob"]);
  assertEquals([message.text, message.chat, ada.outbox], ["hello", chat, [message]]);
  await back();
  await message.delivered;
  assertEquals([message.state, statesOf(ada)], ["delivered", ["queued", "sent", "delivered"]]);
});

Deno.test("message: a long text is one message, with the id of its last part", async () => {
  await using server = new TableServer();
  const { ada, chat, back } = await withoutBob(server);
  const text = "😀".repeat(limits.textBytes); // four parts
  const message = await chat.send(text);
  assertEquals(message.text, text);
  assertEquals((await ada.store.outbox()).length, 4);
  assertEquals((await ada.store.outbox()).at(-1)?.id, message.id);
  const bob = await back();
  await message.delivered;
  assertEquals(statesOf(ada), ["queued", "sent", "delivered"]);
  const received = bob.events.all.filter(({ event }) => event === "message");
  assertEquals(received.map(({ text }) => text).join(""), text);
  assertEquals(await ada.store.outbox(), []);
});

Deno.test("message: one that is cancelled fails, all of its parts", async () => {
  await using server = new TableServer();
  const { ada, chat } = await withoutBob(server);
  const message = await chat.send("x".repeat(3 * limits.textBytes));
  assertEquals([await message.cancel(), await message.cancel()], [true, false]);
  assertEquals([message.state, await ada.store.outbox(), ada.outbox], ["failed", [], []]);
  const { message: failed, reason } = await ada.saw("failed");
  assert(failed === message);
  assertEquals(reason, "cancelled");
  const error = await assertRejects(() => message.delivered, ClientError);
  assertEquals(error.code, "send-failed");
});

Deno.test("message: what waits in the store is a message again in the next run", async () => {
  await using server = new TableServer();
  const store = new MemoryStore();
  const bob = await server.user("bob", { key: testKey(7) });
  const before = await server.user("ada", { store, key: testKey(6) });
  const chat = await before.call(bob);
  await bob.leave();
  await before.saw("chat-closed");
  const sent = await chat.send("hello");
  await before.leave();
  const ada = await server.user("ada", { store, key: testKey(6) });
  const [message] = ada.outbox;
  assertEquals([message?.id, message?.text, message?.time], [sent.id, "hello", sent.time]);
  assertEquals([message?.state, message?.chat], ["queued", undefined]);
  await server.user("bob", { key: testKey(7) });
  await message?.delivered;
  assertEquals([message?.state, message?.chat?.name], ["delivered", "bob"]);
  const { message: delivered } = await ada.saw("delivered");
  assert(delivered === message);
});

Deno.test("message: in a classic chat it is sent once all of its lines are written", async () => {
  await using server = new TableServer();
  const [ada, bob] = [
    await server.user("ada", { key: null }),
    await server.user("bob", { key: null }),
  ];
  const chat = await ada.call(bob);
  const message = await chat.send("one\r\n\r\ntwo\n");
  await message.delivered;
  assertEquals([message.state, message.text, message.identity], ["sent", "one\ntwo", undefined]);
  assertEquals(await message.cancel(), false);
  assertEquals(statesOf(ada), ["sent"]);
  const heard: Message[] = [];
  for (const text of ["one", "two"]) heard.push((await bob.saw("message", { text })).message);
  assertEquals(heard.map(({ state, direction }) => `${direction} ${state}`), [
    "incoming received",
    "incoming received",
  ]);
  assert(heard[0]?.id !== heard[1]?.id);
});

Deno.test("message: an aborted send is cancelled, and rejects with the signal's reason", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob");
  const chat = await ada.call(bob);
  const controller = new AbortController();
  const sending = chat.send("never mind", { signal: controller.signal });
  controller.abort(new Error("changed my mind"));
  await assertRejects(() => sending, Error, "changed my mind");
  await ada.saw("failed", {});
  await poll(() => ada.outbox.length === 0, "nothing waits");
  await assertRejects(() => chat.send("x", { signal: controller.signal }), Error);
  await chat.close();
  await assertRefused("chat-closed", () => chat.send("too late"));
});

Deno.test("message: its id may be chosen, once", async () => {
  await using server = new TableServer();
  const { ada, chat } = await withoutBob(server);
  const id = "0123456789abcdef";
  assertEquals((await chat.send("one", { id })).id, id);
  await assertRejects(() => chat.send("two", { id }), RangeError);
  await assertRejects(() => chat.send("two", { id: "id" }), RangeError);
  assertEquals(ada.outbox.length, 1);
});
