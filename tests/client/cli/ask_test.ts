import { assertEquals, assertRejects } from "@std/assert";
import { askCommand, Question } from "../../../client/cli/ask_command.ts";
import type { Messenger, MessengerEvent } from "../../../client/core/mod.ts";
import { Clock, FakeTime } from "../../helpers/time.ts";
import { createTestNetwork } from "../../../client/testing/mod.ts";

/** Returns a function that tells those who subscribe to a messenger from now on of an event. */
function subscribersOf(messenger: Messenger): (event: unknown) => void {
  const heard = new Set<(event: MessengerEvent) => unknown>();
  const subscribe = messenger.subscribe.bind(messenger);
  messenger.subscribe = (subscriber) => {
    heard.add(subscriber);
    const unsubscribe = subscribe(subscriber);
    return () => {
      heard.delete(subscriber);
      unsubscribe();
    };
  };
  return (event) => {
    for (const each of heard) each(event as MessengerEvent);
  };
}

Deno.test("ask: what comes at any moment around the call is handed over", async () => {
  await using network = createTestNetwork();
  const bot = await network.login("bot");
  bot.addEventListener("message", ({ chat }) => void chat.send("noon"));
  const ada = await network.login("ada");
  ada.logout();

  // Its listeners are told of a message in each of the turns after the call.
  const tell = subscribersOf(ada);
  const call = ada.chats.call.bind(ada.chats);
  const turns = Array.from({ length: 12 }, (_, turn) => `${turn}`);
  ada.chats.call = async (...args) => {
    const chat = await call(...args);
    void (async () => {
      for (const text of turns) {
        tell({ type: "message", chat, message: { text, time: 0 } });
        await null;
      }
    })();
    return chat;
  };
  const earlier: string[] = [];
  let answer = "";
  const asked = { to: "bot", text: "what time?", seconds: 60 };
  const code = await askCommand(
    ada,
    new Question(),
    asked,
    ({ text }) => answer = text,
    ({ text }) => earlier.push(text),
  );
  assertEquals([code, answer, earlier], [0, "noon", turns]);
});

for (const then of ["a newer one", "nothing else", "the end of the time", "the end of the chat"]) {
  Deno.test(`ask: a message that was written before comes, and then ${then}`, async () => {
    using time = new FakeTime();
    using _clock = new Clock();
    await using network = createTestNetwork();
    const bot = await network.login("bot");
    const ada = await network.login("ada");
    ada.logout();
    const tell = subscribersOf(ada);
    const asking = bot.waitFor("message", { timeoutMs: 60_000 });
    const told = Promise.withResolvers<void>();
    ada.addEventListener("delivered", async ({ message: { chat } }) => {
      await null;
      tell({ type: "message", chat, message: { text: "yes", time: 0 } });
      if (then === "a newer one") await (await asking).chat.send("noon");
      if (then === "the end of the chat") tell({ type: "chat-closed", chat, by: "them" });
      told.resolve();
    });
    const earlier: string[] = [];
    let answer = "";
    const ended = askCommand(
      ada,
      new Question(),
      { to: "bot", text: "what time?", seconds: then === "the end of the time" ? 0.9 : 60 },
      ({ text }) => answer = text,
      ({ text }) => earlier.push(text),
    );
    await told.promise;
    if (then === "nothing else") await time.pass(1_000);
    if (then === "the end of the time") await time.pass(900);
    const code = await ended;
    const expected = then === "a newer one" ? [0, "noon", ["yes"]] : [0, "yes", []];
    assertEquals([code, answer, earlier], expected);
  });
}

Deno.test("ask: a message that comes before the question has arrived is not lost if the chat ends then", async () => {
  await using network = createTestNetwork();
  await network.login("bot");
  const ada = await network.login("ada");
  ada.logout();
  const tell = subscribersOf(ada);
  const call = ada.chats.call.bind(ada.chats);
  ada.chats.call = async (...args) => {
    const chat = await call(...args);
    chat.send = () => {
      tell({ type: "message", chat, message: { text: "bye", time: Date.now() } });
      tell({ type: "chat-closed", chat, by: "them" });
      return Promise.reject(new Error("closed"));
    };
    return chat;
  };
  const earlier: string[] = [];
  await assertRejects(() =>
    askCommand(
      ada,
      new Question(),
      { to: "bot", text: "what time?", seconds: 60 },
      () => {},
      ({ text }) => earlier.push(text),
    ), Error);
  assertEquals(earlier, ["bye"]);
});
