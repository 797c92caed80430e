/** A program that takes no messages says so, and what is for its user waits for another program. */

import { assertEquals, assertMatch } from "@std/assert";
import { assertRefused } from "../../../helpers/test_user.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";

const ADA = { key: testKey(7) };
const COMMAND = { ...ADA, more: { takesMessages: false } };

Deno.test("takesMessages: what answers a command waits for another program of that user", async () => {
  await using server = new TableServer();
  const bob = await server.user("bob");
  const command = await server.user("ada", COMMAND);
  const chat = await command.call(bob);
  const { chat: atBob } = await bob.saw("chat-opened", { name: "ada" });
  await (await chat.send("what time is it?")).delivered;
  const answer = await atBob.send("noon");
  assertEquals([answer.state, bob.outbox], ["queued", [answer]]);
  await chat.close();
  await bob.saw("chat-closed", { by: "them" });
  const again = await server.user("ada", COMMAND); // it comes again, and takes nothing again
  await server.update();
  assertEquals(again.events.all, []);
  assertEquals(bob.outbox, [answer]);
  const ada = await server.user("ada", ADA);
  await ada.saw("message", { name: "bob", text: "noon" });
  await answer.delivered;
  for (const user of [command, again, bob]) {
    assertEquals(user.events.all.filter(({ event }) => event === "error"), []);
  }
  assertEquals(again.events.all, [], "nobody could call it");
});

Deno.test("takesMessages: while a command runs, its user's chat gets what is written into its call", async () => {
  await using server = new TableServer();
  const bob = await server.user("bob");
  const command = await server.user("ada", COMMAND);
  const ada = await server.user("ada", ADA);
  await command.call(bob);
  const { chat } = await bob.saw("chat-opened", { name: "ada" });
  const answer = await chat.send("noon");
  await ada.saw("message", { name: "bob", text: "noon" });
  await answer.delivered;
});

Deno.test("takesMessages: a call to a command fails at once, and says why", async () => {
  await using server = new TableServer();
  const bob = await server.user("bob");
  const command = await server.user("ada", COMMAND);
  const { message } = await assertRefused("peer-unreachable", () => bob.call(command));
  assertMatch(message, /takes no messages/);
  assertEquals([bob.unreached, command.events.all], [[], []]);
});

Deno.test("takesMessages: a command that can't be dialed is called back by whom it calls", async () => {
  await using server = new TableServer();
  const bob = await server.user("bob");
  const command = await server.user("ada", COMMAND);
  await command.isTold((row) => row.name === "bob" ? { ...row, port: 9 } : row);
  const chat = await command.call(bob);
  await (await chat.send("hello")).delivered;
  await bob.saw("message", { text: "hello" });
});

Deno.test("takesMessages: a classic caller of a command is hung up on, and not taken for nothing", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const command = env.user("ada", at, undefined, { takesMessages: false });
  await command.login();
  const [bob] = await env.online(at, "bob");
  await bob.call("ada");
  await bob.saw("chat-closed", { by: "them" });
  assertEquals(command.events.all.filter(({ event }) => event === "chat-opened"), []);
});

Deno.test("acceptsCall: others are refused, whoever is called may call back", async () => {
  await using server = new TableServer();
  const owner = await server.user("owner");
  const bot = await server.user("bot", {
    more: { acceptsCall: ({ identity }) => identity?.equals(owner.publicKey) ?? false },
  });
  const eve = await server.user("eve");
  await (await eve.call(bot)).send("me first").catch(() => {});
  await eve.saw("chat-closed", { by: "them" });
  await (await (await owner.call(bot)).send("run")).delivered;
  await bot.saw("message", { name: "owner", text: "run" });
  assertEquals(bot.events.all.filter(({ name }) => name === "eve"), []);
  await bot.isTold((row) => row.name === "eve" ? { ...row, port: 9 } : row);
  const chat = await bot.call(eve);
  await (await chat.send("hello")).delivered;
});

Deno.test("call: someone who goes offline meanwhile fails the call at once", async () => {
  await using server = new TableServer();
  server.relaysCallbacks = false; // nobody calls back
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await ada.isTold((row) => row.name === "bob" ? { ...row, port: 9 } : row);
  const calling = assertRefused("peer-unreachable", () => ada.call(bob));
  while (ada.unreached.length === 0) await server.update(); // it waits to be called now
  await bob.leave();
  await calling;
});

Deno.test("call: someone who has gone is not dialed, in MIM/2 and in classic MIM", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const carl = await server.user("carl", { key: null });
  const rows = [ada.sees(bob), ada.sees(carl)];
  await bob.leave();
  await carl.leave();
  for (const row of rows) {
    const { message } = await assertRefused("peer-unreachable", () => ada.call(row));
    assertMatch(message, /: it has gone offline$/);
  }
  assertEquals(ada.unreached, []);
});

Deno.test("call: someone who has come back in the meantime is called where that is", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob", ADA);
  const row = ada.sees(bob);
  await bob.leave();
  await server.user("bob", ADA);
  const chat = await ada.call(row);
  await (await chat.send("welcome back")).delivered;
});
