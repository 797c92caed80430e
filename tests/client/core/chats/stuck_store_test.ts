/** A store that does not answer, or not at first: nothing hangs on it, and nobody is let in unseen. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { clientLimits } from "../../../../client/core/limits.ts";
import { MemoryStore, type Outgoing, type Pin } from "../../../../client/core/mod.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { inTime, poll } from "../../../helpers/wait.ts";

/** A store whose answers can be held back, or be errors. */
class StuckStore extends MemoryStore {
  /** What each answer waits for. */
  gate: Promise<void> = Promise.resolve();
  isBroken = false;
  /** How many answers wait. */
  waiting = 0;

  override async serverKey(server: string): Promise<Uint8Array | undefined> {
    await this.#pass();
    return await super.serverKey(server);
  }

  override async pins(server: string): Promise<Pin[]> {
    await this.#pass();
    return await super.pins(server);
  }

  override async outbox(): Promise<Outgoing[]> {
    await this.#pass();
    return await super.outbox();
  }

  override async queue(messages: readonly Outgoing[]): Promise<void> {
    await this.#pass();
    await super.queue(messages);
  }

  async #pass(): Promise<void> {
    if (this.isBroken) throw new Error("broken");
    this.waiting++;
    await this.gate;
    this.waiting--;
  }
}

Deno.test("stuck store: quit waits 5 s for it, says so, and closes the chats", async () => {
  using time = new FakeTime();
  await using server = new TableServer();
  const store = new StuckStore();
  const [ada, bob] = [await server.user("ada", { store }), await server.user("bob")];
  const chat = await ada.call(bob);
  await bob.saw("chat-opened", { name: "ada" });
  const stuck = Promise.withResolvers<void>();
  store.gate = stuck.promise;
  void chat.send("hello").catch(() => {});
  await poll(() => store.waiting > 0, "the store to be asked");
  const quitting = ada.quit();
  await time.pass(clientLimits.storeTimeoutMs - 1);
  assertEquals(chat.state, "open", "it waits");
  await time.pass(1);
  await time.pass(clientLimits.lingerTimeoutMs);
  await inTime(quitting, "quit to end");
  const { text } = await ada.saw("error");
  assertMatch(text, /no answer within 5 s/);
  assertEquals(ada.state, "offline");
  stuck.resolve();
  await poll(() => store.waiting === 0, "the store to answer");
  await time.pass(clientLimits.storeTimeoutMs);
  assertEquals(await store.outbox().then((all) => all.length), 1, "it waits for the next run");
  assertEquals(ada.chats.all, []);
});

Deno.test("stuck store: a login ends without an answer after 5 s, or at once when it is given up", async () => {
  using time = new FakeTime();
  await using server = new TableServer();
  const store = new StuckStore();
  const ada = server.offlineUser("ada", { store });
  await ada.ready;
  const stuck = Promise.withResolvers<void>();
  store.gate = stuck.promise;
  const failing = assertRefused("storage-failed", () => ada.login());
  await time.pass(clientLimits.storeTimeoutMs);
  assertMatch((await inTime(failing, "the login to fail")).message, /no answer within 5 s/);
  const leaving = assertRefused("invalid-state", () => ada.login());
  await time.pass(0);
  ada.logout();
  await inTime(leaving, "the login to be given up");
  stuck.resolve();
});

Deno.test("stuck store: a first read that fails is an error of each login, until it succeeds", async () => {
  await using server = new TableServer();
  const store = new StuckStore();
  await store.keepPin({
    ...{ server: server.id, name: "bob", identity: testKey(0x51), verified: true, since: 1 },
  });
  const bob = await server.user("bob", { key: testKey(0x52) });
  store.isBroken = true;
  const ada = server.offlineUser("ada", { store });
  await assertRefused("storage-failed", () => ada.ready);
  await assertRefused("storage-failed", () => ada.login());
  assertEquals(ada.state, "offline");
  store.isBroken = false;
  await ada.login();
  await server.update();
  assertEquals(ada.trust.securityOf(ada.sees(bob)), "changed", "the pin counts");
});

Deno.test("stuck store: while it can't be read nobody is called or let in, and that is said", async () => {
  await using server = new TableServer();
  const store = new StuckStore();
  const [ada, bob] = [await server.user("ada", { store }), await server.user("bob")];
  store.isBroken = true;
  await assertRefused("storage-failed", () => ada.call(bob));
  await bob.call(ada).catch(() => {});
  assertMatch((await ada.saw("error")).text, /can't be read: broken/);
  assertEquals(ada.chats.all, []);
});

Deno.test("stuck store: whoever is to be called back is not dialed after quit", async () => {
  await using server = new TableServer();
  const store = new StuckStore();
  const [ada, bob] = [await server.user("ada", { store }), await server.user("bob")];
  const stuck = Promise.withResolvers<void>();
  store.gate = stuck.promise;
  await server.requestCallback(bob, ada);
  await poll(() => store.waiting > 0, "the callback to wait for the store");
  const quitting = ada.quit();
  stuck.resolve();
  await quitting;
  await poll(() => store.waiting === 0, "the store to answer");
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
  assertEquals([ada.chats.all, bob.chats.all], [[], []]);
  assertEquals(bob.events.all, []);
});

Deno.test("stuck store: a text that is stored while everything closes dials nobody after that", async () => {
  await using server = new TableServer();
  const store = new StuckStore();
  const [ada, bob] = [await server.user("ada", { store }), await server.user("bob")];
  const first = await ada.call(bob);
  await first.send("one");
  await bob.saw("message", { text: "one" });
  await poll(() => ada.outbox.length === 0, "the first acknowledged");
  await first.close();
  const [contact] = ada.trust.contacts;
  assert(contact !== undefined);
  await bob.saw("chat-closed", { name: "ada" });
  const seen = bob.events.all.length;
  const chat = ada.chats.with(contact);
  const stuck = Promise.withResolvers<void>();
  store.gate = stuck.promise;
  const sending = chat.send("two");
  await poll(() => store.waiting > 0, "the text to wait for the store");
  const quitting = ada.quit();
  stuck.resolve();
  await Promise.all([sending, quitting]);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
  assertEquals(bob.events.all.length, seen, "nobody has called");
  assertEquals((await store.outbox()).map(({ text }) => text), ["two"]);
});
