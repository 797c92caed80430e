/** A store whose promises resolve late, as those of a database elsewhere do. */

import { assertEquals } from "@std/assert";
import {
  type Incoming,
  MemoryStore,
  type Outgoing,
  type Pin,
} from "../../../../client/core/mod.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { poll } from "../../../helpers/wait.ts";
import { testKey } from "../../../fixtures/keys.ts";

/** Everything takes a turn of the event loop before it is done, and another before that is known. */
class LateStore extends MemoryStore {
  /** What writing a pin waits for. */
  gate: Promise<void> = Promise.resolve();
  /** How many pins are being written. */
  pinning = 0;

  override serverKey(server: string): Promise<Uint8Array | undefined> {
    return this.#late(() => super.serverKey(server));
  }

  override pinServer(server: string, key: Uint8Array): Promise<void> {
    return this.#late(() => super.pinServer(server, key));
  }

  override pin(server: string, name: string): Promise<Pin | undefined> {
    return this.#late(() => super.pin(server, name));
  }

  override pins(server: string): Promise<Pin[]> {
    return this.#late(() => super.pins(server));
  }

  override serversKnowing(name: string): Promise<string[]> {
    return this.#late(() => super.serversKnowing(name));
  }

  override async keepPin(pin: Pin): Promise<void> {
    this.pinning++;
    await this.gate;
    await this.#late(() => super.keepPin(pin));
    this.pinning--;
  }

  override outbox(): Promise<Outgoing[]> {
    return this.#late(() => super.outbox());
  }

  override queue(messages: readonly Outgoing[]): Promise<void> {
    return this.#late(() => super.queue(messages));
  }

  override removeFromOutbox(id: string): Promise<boolean> {
    return this.#late(() => super.removeFromOutbox(id));
  }

  override receive(message: Incoming): Promise<"inserted" | "duplicate"> {
    return this.#late(() => super.receive(message));
  }

  async #late<Result>(work: () => Promise<Result>): Promise<Result> {
    await turn();
    const result = await work();
    await turn();
    return result;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("late store: a whole chat, in order, and what was written before the close arrives", async () => {
  await using server = new TableServer();
  const [adas, bobs] = [new LateStore(), new LateStore()];
  const ada = await server.user("ada", { store: adas });
  const bob = await server.user("bob", { store: bobs });
  const chat = await ada.call(bob);
  assertEquals(chat.security, "new");
  const texts = ["one", "two", "three"];
  await Promise.all(texts.map((text) => chat.send(text)));
  for (const text of texts) {
    assertEquals((await bob.saw("message", { name: "ada" })).message.text, text);
  }
  await poll(() => ada.outbox.length === 0, "all acknowledged");
  assertEquals(await adas.outbox(), []);
  await poll(() => adas.pinning === 0, "the pin is stored");
  assertEquals((await adas.pins(server.id)).map(({ name }) => name), ["bob"]);
  ada.trust.safetyNumber("bob");
  await ada.trust.verify("bob");
  assertEquals(chat.security, "verified");
  const sending = chat.send("the last");
  await chat.close();
  await sending;
  await bob.saw("message", { text: "the last" });
  const cancelled = await ada.chats.call(ada.sees(bob));
  await bob.leave();
  await ada.saw("chat-closed", { name: "bob" });
  const waiting = await cancelled.send("never mind");
  assertEquals(await waiting.cancel(), true);
  assertEquals([waiting.state, await waiting.cancel()], ["failed", false]);
  assertEquals(await adas.outbox(), []);
});

Deno.test("late store: while a name's first key is being stored, no other key comes in under it", async () => {
  await using server = new TableServer();
  const store = new LateStore();
  const ada = await server.user("ada", { store });
  const bob = await server.user("bob", { key: testKey(0x21) });
  const stored = Promise.withResolvers<void>();
  store.gate = stored.promise;
  const chat = await ada.call(bob);
  await poll(() => store.pinning === 1, "the pin is being written");
  assertEquals(ada.trust.securityOf(ada.sees(bob)), chat.security);
  await bob.leave();
  const eve = await server.user("bob", { key: testKey(0x22) });
  await ada.saw("chat-closed", { name: "bob" });
  const calling = eve.call(ada).then((chat) => chat.send("let me in")).catch(() => {});
  for (let turns = 0; turns < 20; turns++) await turn();
  assertEquals(ada.chats.all.filter(({ state }) => state === "open"), [], "it waits for the pin");
  stored.resolve();
  await calling;
  await poll(() => store.pinning === 0, "the pin is stored");
  await assertRefused("peer-key-mismatch", () => ada.call(eve));
  assertEquals(ada.events.all.filter(({ event }) => event === "message"), []);
  assertEquals(ada.chats.all.filter(({ state }) => state === "open"), []);
});

Deno.test("late store: a call that comes in while another key is being accepted waits for that", async () => {
  await using server = new TableServer();
  const store = new LateStore();
  const ada = await server.user("ada", { store });
  const before = { server: server.id, name: "bob", verified: true, since: 1 };
  await store.keepPin({ ...before, identity: testKey(0x31) });
  const bob = await server.user("bob", { key: testKey(0x32) });
  await assertRefused("peer-key-mismatch", () => ada.call(bob));
  const stored = Promise.withResolvers<void>();
  store.gate = stored.promise;
  const accepting = ada.trust.acceptKey("bob");
  await poll(() => store.pinning === 1, "the pin is being written");
  assertEquals(ada.trust.securityOf(ada.sees(bob)), "changed", "what is not stored is not done");
  const calling = bob.call(ada);
  stored.resolve();
  await accepting;
  await calling;
  await ada.saw("chat-opened", { name: "bob" });
  assertEquals(ada.trust.securityOf(ada.sees(bob)), "pinned");
});
