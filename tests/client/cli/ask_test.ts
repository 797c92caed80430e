import { assertEquals } from "@std/assert";
import { askCommand, Question } from "../../../client/cli/ask_command.ts";
import type { Message, MessengerEvent } from "../../../client/core/mod.ts";
import { createTestNetwork } from "../../../client/testing/mod.ts";

Deno.test("ask: what comes at any moment around the call is handed over", async () => {
  await using network = createTestNetwork();
  const bot = await network.login("bot");
  bot.addEventListener("message", ({ chat }) => void chat.send("noon"));
  const ada = await network.login("ada");
  ada.logout();

  // Its listeners are told of a message in each of the turns after the call.
  const heard = new Set<(event: MessengerEvent) => unknown>();
  const subscribe = ada.subscribe.bind(ada);
  ada.subscribe = (subscriber) => {
    heard.add(subscriber);
    const unsubscribe = subscribe(subscriber);
    return () => {
      heard.delete(subscriber);
      unsubscribe();
    };
  };
  const call = ada.chats.call.bind(ada.chats);
  const turns = Array.from({ length: 12 }, (_, turn) => `${turn}`);
  ada.chats.call = async (...args) => {
    const chat = await call(...args);
    void (async () => {
      for (const text of turns) {
        const message = { text, time: 0 } as Message;
        for (const tell of heard) tell({ type: "message", chat, message } as MessengerEvent);
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

for (const then of ["a newer one", "nothing else", "the end of the chat"]) {
  Deno.test(`ask: a message that was written before comes, and then ${then}`, async () => {
    await using network = createTestNetwork();
    const bot = await network.login("bot");
    const ada = await network.login("ada");
    ada.logout();
    const heard = new Set<(event: MessengerEvent) => unknown>();
    const subscribe = ada.subscribe.bind(ada);
    ada.subscribe = (subscriber) => {
      heard.add(subscriber);
      return subscribe(subscriber);
    };
    const tell = (event: unknown) => {
      for (const each of heard) each(event as MessengerEvent);
    };
    const asking = bot.waitFor("message", { timeoutMs: 60_000 });
    ada.addEventListener("delivered", async ({ message: { chat } }) => {
      await null;
      tell({ type: "message", chat, message: { text: "yes", time: 0 } });
      if (then === "a newer one") await (await asking).chat.send("noon");
      if (then === "the end of the chat") tell({ type: "chat-closed", chat, by: "them" });
    });
    const earlier: string[] = [];
    let answer = "";
    const code = await askCommand(
      ada,
      new Question(),
      { to: "bot", text: "what time?", seconds: 60 },
      ({ text }) => answer = text,
      ({ text }) => earlier.push(text),
    );
    const expected = then === "a newer one" ? [0, "noon", ["yes"]] : [0, "yes", []];
    assertEquals([code, answer, earlier], expected);
  });
}
