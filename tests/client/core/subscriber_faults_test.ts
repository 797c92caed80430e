/** A program's error in an event handler ends neither the messenger nor a chat, and nothing comes twice. */

import { assertEquals, assertRejects } from "@std/assert";
import { MemoryStore, type MessengerEvent } from "../../../client/core/mod.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TableServer } from "../../helpers/table_server.ts";
import { poll } from "../../helpers/wait.ts";

const FAULTS: Readonly<Record<string, (event: MessengerEvent) => unknown>> = {
  "throws": () => {
    throw new Error("a fault");
  },
  "rejects": () => Promise.reject(new Error("a fault")),
  "rejects later": async () => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    throw new Error("a fault");
  },
  "gives a thenable that rejects": () => ({
    then: (_: unknown, reject: (error: Error) => void) => reject(new Error("a fault")),
  }),
};

for (const [what, fault] of Object.entries(FAULTS)) {
  Deno.test(`a subscriber that ${what} ends nothing, and the message does not come again`, async () => {
    await using server = new TableServer();
    const ada = await server.user("ada");
    const options = { key: testKey(7), store: new MemoryStore() };
    const bob = await server.user("bob", options);
    bob.subscribe(fault);
    bob.addEventListener("message", fault);
    const chat = await ada.call(bob);
    await (await chat.send("one")).delivered;
    await (await chat.send("two")).delivered;
    const texts = () =>
      bob.events.all.flatMap(({ event, text }) => event === "message" ? [text] : []);
    assertEquals(texts(), ["one", "two"]);
    const isReport = ({ event, text }: { readonly event: string; readonly text?: unknown }) =>
      event === "error" && /could not be handled: a fault/.test(String(text));
    await poll(() => bob.events.all.some(isReport), "a report");
    await bob.leave();
    const again = await server.user("bob", options);
    await (await (await ada.call(again)).send("three")).delivered;
    const heard = again.events.all.filter(({ event }) => event === "message");
    assertEquals(heard.map(({ text }) => text), ["three"]);
  });
}

Deno.test("a callback that throws lets nobody in, and is reported", async () => {
  await using server = new TableServer();
  const bob = await server.user("bob", {
    more: {
      acceptsCall: () => {
        throw new Error("a fault");
      },
    },
  });
  const ada = await server.user("ada");
  await ada.call(bob);
  await ada.saw("chat-closed", { by: "them" });
  await bob.saw("error", { text: /acceptsCall.* could not be handled: a fault/ });
  assertEquals(bob.events.all.filter(({ event }) => event === "chat-opened"), []);
});

Deno.test("waitFor: a question that throws rejects the wait", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const where = () => {
    throw new Error("a fault");
  };
  const waiting = assertRejects(() => bob.waitFor("message", { where }), Error, "a fault");
  await (await (await ada.call(bob)).send("hello")).delivered;
  await waiting;
});
