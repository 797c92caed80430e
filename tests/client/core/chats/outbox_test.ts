/** What waits for those who don't come: it has shares, ends, and keeps nobody else from being answered. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Chat, MemoryStore } from "../../../../client/core/mod.ts";
import { clientLimits } from "../../../../client/core/limits.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { testKey } from "../../../fixtures/keys.ts";

const { outboxMessages, outboxMessagesPerRecipient: share } = clientLimits;
const HOUR_MS = 3_600_000;

/** Chats of a bot with users who have gone. */
async function absent(server: TableServer, bot: TableUser, ...names: string[]): Promise<Chat[]> {
  return await Promise.all(names.map(async (name, number) => {
    const user = await server.user(name, { key: testKey(0x40 + number) });
    const chat = await bot.call(user);
    await user.leave();
    await bot.saw("chat-closed", { name });
    return chat;
  }));
}

/** A store whose outbox is full of answers that nobody fetches, for so many recipients. */
async function fullStore(recipients: number): Promise<MemoryStore> {
  const store = new MemoryStore();
  const each = outboxMessages / recipients;
  for (let number = 0; number < recipients; number++) {
    const identity = new Uint8Array(32).fill(number + 1);
    await store.queue(Array.from({ length: each }, (_, at) => {
      const id = (number * each + at).toString(16).padStart(16, "0");
      return { id, name: `user ${number}`, server: "", identity, text: `answer ${at}`, time: at };
    }));
  }
  return store;
}

Deno.test("outbox: 10,000 answers that nobody fetches keep a bot from answering nobody else", async () => {
  for (const recipients of [1, 10, 100]) {
    await using server = new TableServer();
    const bot = await server.user("bot", { store: await fullStore(recipients) });
    assertEquals(bot.outbox.length, outboxMessages);
    const ada = await server.user("ada");
    const chat = await bot.call(ada);
    const answer = await chat.send("for you");
    await answer.delivered;
    await ada.saw("message", { text: "for you" });
    const { message, reason } = await bot.saw("failed");
    assertEquals([message.text, message.state], ["answer 0", "failed"]);
    assertEquals(reason, "too many messages wait; the oldest went");
    assertEquals(bot.outbox.length, outboxMessages - 1);
    assertEquals((await bot.store.outbox()).length, outboxMessages - 1);
  }
});

Deno.test("outbox: whoever fetches nothing has a share, of which the oldest goes; others keep theirs", async () => {
  await using server = new TableServer();
  const bot = await server.user("bot");
  const [atEve, atBob] = await absent(server, bot, "eve", "bob") as [Chat, Chat];
  await atBob.send("for bob");
  for (let count = 0; count < share + 2; count++) await atEve.send(`${count}`);
  const texts = bot.outbox.map(({ text }) => text);
  assertEquals([texts.length, texts[0], texts[1], texts.at(-1)], [
    share + 1,
    "for bob",
    "2",
    `${share + 1}`,
  ]);
  const failed = bot.events.all.filter(({ event }) => event === "error");
  assertEquals(failed.length, 2, "each is reported");
});

Deno.test("outbox: what is on its way to somebody who is there is no share of the absent", async () => {
  await using server = new TableServer();
  const [bot, ada] = [await server.user("bot"), await server.user("ada")];
  const chat = await bot.call(ada);
  const all = Array.from({ length: 2 * share }, (_, at) => chat.send(`${at}`));
  for (const message of await Promise.all(all)) await message.delivered;
  assertEquals(bot.events.all.filter(({ event }) => event === "error"), []);
});

Deno.test("outbox: a message expires, in this run or in a later one", async () => {
  using time = new FakeTime();
  await using server = new TableServer();
  const store = new MemoryStore();
  const bot = await server.user("bot", { store });
  const [chat] = await absent(server, bot, "bob") as [Chat];
  await assertRejects(() => chat.send("x", { expiresAfterMs: 0 }), RangeError);
  await assertRejects(() => chat.send("x", { expiresAfterMs: NaN }), RangeError);
  const forEver = await chat.send("stays");
  const short = await chat.send("in an hour", { expiresAfterMs: HOUR_MS });
  await chat.send("in a year", { expiresAfterMs: 365 * 24 * HOUR_MS });
  await time.pass(HOUR_MS - 1);
  assertEquals(bot.outbox.length, 3);
  await time.pass(1);
  const { reason } = await bot.saw("failed");
  assertEquals([reason, short.state, forEver.state], ["expired", "failed", "queued"]);
  await assertRefused("send-failed", () => short.delivered);
  assertEquals((await store.outbox()).map(({ text }) => text), ["stays", "in a year"]);
  await bot.leave();
  const [, last] = await store.outbox();
  assert(last !== undefined);
  await store.queue([{ ...last, id: "00".repeat(8), text: "was to go", expires: Date.now() - 1 }]);
  const again = await server.user("again", { store });
  await time.pass(0);
  await again.saw("failed");
  assertEquals(again.outbox.map(({ text }) => text), ["stays", "in a year"]);
});

Deno.test("outbox: what is meant only while the chat is open is never left over", async () => {
  await using server = new TableServer();
  const bot = await server.user("bot");
  const bob = await server.user("bob", { key: testKey(7) });
  const chat = await bot.call(bob);
  const answer = await chat.send("noon", { onlyWhileOpen: true });
  await answer.delivered;
  await bob.saw("message", { text: "noon" });
  await bob.leave();
  await bot.saw("chat-closed");
  await assertRefused("chat-closed", () => chat.send("one", { onlyWhileOpen: true }));
  assertEquals([bot.outbox, await bot.store.outbox()], [[], []]);
  const again = await server.user("bob", { key: testKey(7) });
  const second = await bot.call(again);
  const lost = await second.send("lost", { onlyWhileOpen: true });
  assertEquals(await bot.store.outbox(), [], "it is not even stored");
  await again.leave();
  await lost.delivered.catch(() => {});
  assert(lost.state === "delivered" || lost.state === "failed", lost.state);
  assertEquals(bot.outbox, []);
});

Deno.test("outbox: what was written into a chat that is lost goes out in another one with that user", async () => {
  await using server = new TableServer();
  const bot = await server.user("bot");
  const command = await server.user("ada", { key: testKey(7), more: { takesMessages: false } });
  const ada = await server.user("ada", { key: testKey(7) });
  await ada.call(bot);
  await command.call(bot);
  const { chat } = await bot.saw("chat-opened", {
    name: "ada",
    address: new RegExp(command.address),
  });
  const answer = await chat.send("into the call of a command");
  await answer.delivered;
  await ada.saw("message", { text: "into the call of a command" });
});

Deno.test("chat: a contact whose key has not 32 bytes is refused", async () => {
  await using server = new TableServer();
  const bot = await server.user("bot");
  const pin = { server: server.id, name: "bob", identity: new Uint8Array(31) };
  assertThrows(() => bot.chats.with({ ...pin, verified: false, since: 1 }), RangeError, "got 31");
  assertEquals(bot.chats.all, []);
});
