/** What must outlive the program can't be kept, the disk being full say: it is said, and all goes on. */

import { assertEquals, assertMatch } from "@std/assert";
import {
  ClientError,
  type Incoming,
  MemoryStore,
  type Outgoing,
  type Pin,
} from "../../../../client/core/mod.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import { poll } from "../../../helpers/wait.ts";

const FULL = { what: "outbox", reason: "database or disk is full" } as const;

/** A store that takes nothing while it is full. */
class FullStore extends MemoryStore {
  isFull = true;

  override async keepPin(pin: Pin): Promise<void> {
    this.#check();
    await super.keepPin(pin);
  }

  override async queue(messages: readonly Outgoing[]): Promise<void> {
    this.#check();
    await super.queue(messages);
  }

  override async removeFromOutbox(id: string): Promise<boolean> {
    this.#check();
    return await super.removeFromOutbox(id);
  }

  override async receive(message: Incoming): Promise<"inserted" | "duplicate"> {
    if (this.isFull) throw new Error("database or disk is full");
    return await super.receive(message);
  }

  #check(): void {
    if (this.isFull) throw new ClientError("storage-failed", FULL);
  }
}

Deno.test("full store: a chat opens although the peer's key can't be stored", async () => {
  await using server = new TableServer();
  const store = new FullStore();
  const [ada, bob] = [await server.user("ada", { store }), await server.user("bob")];
  const chat = await ada.call(bob);
  await ada.saw("error", { text: /full/ });
  assertEquals([chat.state === "open", ada.trust.contacts], [true, []]);
});

Deno.test("full store: the message is not sent, and later ones are once there is room", async () => {
  await using server = new TableServer();
  const store = new FullStore();
  const [ada, bob] = [await server.user("ada", { store }), await server.user("bob")];
  const chat = await ada.call(bob);
  await assertRefused("storage-failed", () => chat.send("one"));
  assertEquals([chat.state === "open", ada.outbox], [true, []]);
  store.isFull = false;
  await chat.send("two");
  const { message } = await bob.saw("message", { name: "ada" });
  assertEquals(message.text, "two");
});

Deno.test("full store: a message is delivered although it can't be removed from the outbox", async () => {
  await using server = new TableServer();
  const store = new FullStore();
  const [ada, bob] = [await server.user("ada", { store }), await server.user("bob")];
  store.isFull = false;
  const chat = await ada.call(bob);
  await chat.send("one");
  await poll(() => ada.outbox.length === 0, "the first acknowledged");
  const settle = store.removeFromOutbox.bind(store);
  store.removeFromOutbox = () =>
    Promise.reject(new ClientError("storage-failed", { ...FULL, what: "delivery" }));
  for (const text of ["two", "three"]) await chat.send(text);
  await ada.saw("delivered", { text: "three" });
  assertEquals([ada.outbox, (await store.outbox()).length], [[], 2]);
  const said = ada.events.all.filter(({ event }) => event === "error");
  assertEquals(said.length, 1, "once, not for each");
  assertMatch(String(said[0]?.text), /again at the next start/);
  store.removeFromOutbox = settle;
});

Deno.test("full store: a message that can't be cancelled keeps waiting", async () => {
  await using server = new TableServer();
  const store = new FullStore();
  const [ada, bob] = [await server.user("ada", { store }), await server.user("bob")];
  store.isFull = false;
  const chat = await ada.call(bob);
  await bob.leave();
  await ada.saw("chat-closed", { name: "bob" });
  await chat.send("one");
  store.isFull = true;
  const [message] = ada.outbox;
  await assertRefused(
    "storage-failed",
    () => Promise.try(() => message?.cancel()),
  );
  assertEquals([ada.outbox, message?.state], [[message], "queued"]);
});

Deno.test("full store: what comes in is held, and shown in order and once, as soon as there is room", async () => {
  await using server = new TableServer();
  const store = new FullStore();
  const [ada, bob] = [await server.user("ada"), await server.user("bob", { store })];
  store.isFull = false;
  const chat = await ada.call(bob);
  store.isFull = true;
  for (const text of ["one", "two", "three"]) await chat.send(text);
  await bob.saw("error", { text: /will come again/ });
  assertEquals(ada.outbox.length, 3, "not acknowledged");
  store.isFull = false;
  await chat.send("four"); // does not overtake
  await ada.saw("delivered", { text: "four" });
  const shown = bob.events.all.filter(({ event }) => event === "message");
  assertEquals(shown.map(({ text }) => text), ["one", "two", "three", "four"]);
  assertEquals(bob.events.all.filter(({ event }) => event === "chat-closed"), [], "one connection");
});
