/** A chat as an object: its state, the messages that it can be iterated for, and its end. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Chat } from "../../../../client/core/mod.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { poll } from "../../../helpers/wait.ts";

/** Collects the texts that come into a chat until it ends. */
async function collect(chat: Chat): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of chat) texts.push(text);
  return texts;
}

for (const [kind, key] of [["with keys", undefined], ["in classic MIM", null]] as const) {
  Deno.test(`chat: iterating gives the messages from then on, until it is closed from here, ${kind}`, async () => {
    await using server = new TableServer();
    const options = key === null ? { key } : {};
    const [ada, bob] = [await server.user("ada", options), await server.user("bob", options)];
    const atAda = await ada.call(bob);
    const { chat: atBob } = await bob.saw("chat-opened", { by: "them" });
    await atBob.send("too early");
    await ada.saw("message", { text: "too early" });
    const [one, other] = [collect(atAda), collect(atAda)];
    for (const text of ["one", "two"]) await atBob.send(text);
    await ada.saw("message", { text: "two" });
    await atAda.close();
    assertEquals([await one, await other], [["one", "two"], ["one", "two"]]);
    assertEquals(await collect(atAda), [], "it is over");
  });
}

Deno.test("chat: a loop over a chat with keys goes on when the peer is back", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob", { key: testKey(7) });
  const chat = await ada.call(bob);
  const texts = collect(chat);
  await bob.saw("chat-opened", { by: "them" });
  await bob.leave();
  await ada.saw("chat-closed", { by: "them" });
  assertEquals(chat.state, "queued");
  const back = await server.user("bob", { key: testKey(7) });
  await (await back.call(ada)).send("here I am again");
  await ada.saw("message", { text: "here I am again" });
  assertEquals(chat.state, "open");
  await chat.close();
  assertEquals([await texts, chat.state], [["here I am again"], "closed"]);
});

Deno.test("chat: a loop over a classic chat ends when the peer closes it", async () => {
  await using server = new TableServer();
  const [ada, bob] = [
    await server.user("ada", { key: null }),
    await server.user("bob", { key: null }),
  ];
  const atAda = await ada.call(bob);
  const { chat: atBob } = await bob.saw("chat-opened", { by: "them" });
  const texts = collect(atAda);
  await atBob.send("bye");
  await atBob.close();
  assertEquals([await texts, atAda.state], [["bye"], "closed"]);
  await assertRefused("chat-closed", () => atAda.send("too late"));
});

Deno.test("chat: a loop that is left gets no more", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const atAda = await ada.call(bob);
  const { chat: atBob } = await bob.saw("chat-opened", { by: "them" });
  const first = (async () => {
    for await (const message of atAda) return message;
  })();
  await atBob.send("one");
  const message = await first;
  assertEquals([message?.text, message?.chat === atAda], ["one", true]);
  await atBob.send("two");
  await ada.saw("message", { text: "two" });
});

Deno.test("chat: the events of what was sent come before that of the close", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const chat = await ada.call(bob);
  for (let count = 0; count < 50; count++) void chat.send("x".repeat(10_000));
  assert(chat.bufferedAmount > 0);
  await chat.close();
  const words = ada.events.all.map(({ event }) => event);
  assertEquals(words.lastIndexOf("sent") < words.indexOf("chat-closed"), true);
  await assertRefused("chat-closed", () => chat.close());
});

Deno.test("call: a signal gives it up for everybody who waits for it, and only while it is under way", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await ada.isTold((user) => ({ ...user, address: "203.0.113.9" })); // where nothing ever answers
  const controller = new AbortController();
  const calls = [
    ada.chats.call(ada.sees(bob), controller),
    ada.chats.call(ada.sees(bob)),
  ];
  await new Promise((resolve) => setTimeout(resolve)); // until it is under way
  controller.abort(new Error("never mind"));
  for (const call of calls) await assertRejects(() => call, Error, "never mind");
  await assertRejects(() => ada.chats.call(ada.sees(bob), controller), Error, "never mind");
  await ada.isTold();
  const later = new AbortController();
  const chat = await ada.chats.call(ada.sees(bob), later);
  later.abort();
  await chat.send("still here");
  await bob.saw("message", { text: "still here" });
  await poll(() => ada.outbox.length === 0, "delivered");
});
