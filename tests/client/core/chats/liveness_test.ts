/** A connection is as alive as it has been proven lately. */

import { assertEquals } from "@std/assert";
import { limits } from "../../../../protocol/mod.ts";
import type { InterfaceAddress, Network } from "../../../../server/mod.ts";
import { newIdentity } from "../../../fixtures/keys.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { CutNetwork } from "../../../helpers/faults.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";
import { assertRefused, type TestUser } from "../../../helpers/test_user.ts";
import { FakeTime } from "../../../helpers/time.ts";

/** When an acknowledgement is overdue, however that falls. */
const TOO_LONG = limits.unreachableTimeoutMs * 1.25;

/** Ada and bob in a chat that ada has opened, and both have written in; ada's links can be cut. */
async function chatting(env: TestEnvironment, data: string) {
  const { at } = env.serve({ data });
  const machine = env.machine();
  const link = new CutNetwork(machine.network);
  const own: InterfaceAddress[] = [
    { name: "lo", address: "127.0.0.1" },
    { name: "eth0", address: machine.address },
  ];
  const network: Network = { ...link.network, interfaces: () => [...own] };
  const keys = () => ({ identity: newIdentity(), reconnect: true, listen: {} });
  const ada = env.user("ada", at, { ...machine, network }, keys());
  const bob = env.user("bob", at, undefined, keys());
  for (const user of [bob, ada]) await user.login();
  const chat = await ada.call("bob");
  await chat.send("hello");
  const { chat: atBob } = await bob.saw("chat-opened", { name: "ada" });
  await atBob.send("hello, too");
  await ada.saw("delivered", { text: "hello" });
  await bob.saw("delivered", { text: "hello, too" });
  for (const user of [ada, bob]) user.events.clear();
  return { at, ada, bob, chat, atBob, link, own };
}

function opened({ events }: TestUser): number {
  return events.all.filter(({ event }) => event === "chat-opened").length;
}

function livenessTest(name: string, test: (env: TestEnvironment, data: string) => Promise<void>) {
  Deno.test(`liveness: ${name}`, async () => {
    using folder = new TempFolder();
    await using env = TestEnvironment.fake();
    await test(env, folder.path);
  });
}

livenessTest("who has left the chat and come back can be written to", async (env, data) => {
  const { ada, bob, chat, atBob } = await chatting(env, data);
  await chat.close();
  await bob.saw("chat-closed", { by: "them" });
  assertEquals(atBob.state, "closed");
  ada.logout();
  await bob.saw("offline", { name: "ada" });
  // That she has gone means nothing: she has closed it.
  assertEquals(atBob.state, "closed");
  await assertRefused("chat-closed", () => atBob.send("are you gone?"));
  bob.logout();
  assertEquals(atBob.state, "closed");
  await bob.login();
  assertEquals(atBob.state, "closed");
  await ada.login();
  await bob.saw("online", { name: "ada" });
  assertEquals(atBob.state, "queued");
  // From then on it is like any other chat.
  ada.logout();
  await bob.saw("offline", { name: "ada" });
  assertEquals(atBob.state, "queued");
  bob.events.clear();
  await ada.login();
  await bob.saw("online", { name: "ada" });
  await atBob.send("there you are");
  await ada.saw("message", { text: "there you are" });
  await bob.saw("delivered", { text: "there you are" });
});

livenessTest(
  "a chat that the peer has closed takes texts again once the user calls",
  async (env, data) => {
    const { ada, bob, chat, atBob } = await chatting(env, data);
    await chat.close();
    await bob.saw("chat-closed", { by: "them" });
    ada.logout();
    await bob.saw("offline", { name: "ada" });
    const [contact] = bob.trust.contacts;
    if (contact === undefined) throw new Error("expected ada to be known");
    assertEquals(bob.chats.with(contact), atBob);
    assertEquals(atBob.state, "queued");
    await atBob.send("whenever you are back");
    await ada.login();
    await ada.saw("message", { text: "whenever you are back" });
  },
);

livenessTest(
  "who ends the program has closed no chat: what is written waits",
  async (env, data) => {
    const { ada, bob, atBob } = await chatting(env, data);
    await ada.quit();
    await bob.saw("chat-closed", { by: "them" });
    assertEquals(atBob.state, "queued");
    await bob.saw("offline", { name: "ada" });
    await atBob.send("see you tomorrow");
    assertEquals(atBob.state, "queued");
    assertEquals(bob.outbox.map(({ text }) => text), ["see you tomorrow"]);
  },
);

livenessTest("a link that acknowledges nothing for seconds is made anew", async (env, data) => {
  using time = new FakeTime();
  const { ada, bob, chat, atBob, link } = await chatting(env, data);
  link.cut();
  await chat.send("do you hear me?");
  await time.pass(TOO_LONG);
  await bob.saw("message", { text: "do you hear me?" });
  await ada.saw("delivered", { text: "do you hear me?" });
  await atBob.send("I do");
  await ada.saw("message", { text: "I do" });
  assertEquals([chat.state, atBob.state, opened(ada), opened(bob)], ["open", "open", 0, 0]);
});

livenessTest(
  "a link that the peer has made anew is used, whose key is whose",
  async (env, data) => {
    using time = new FakeTime();
    const { ada, bob, atBob, link } = await chatting(env, data);
    await time.pass(60_000); // the calls can't have crossed
    link.cut();
    await atBob.send("one");
    await time.pass(TOO_LONG);
    await ada.saw("message", { text: "one" });
    await bob.saw("delivered", { text: "one" });
    assertEquals([opened(ada), opened(bob)], [0, 0]);
  },
);

livenessTest("an address that has gone takes its links with it at once", async (env, data) => {
  using time = new FakeTime();
  const { ada, bob, chat, own, link } = await chatting(env, data);
  link.cut();
  own.splice(1, 1, { name: "eth0", address: "198.18.77.7" });
  await time.pass(2_000);
  const { reason } = await ada.saw("disconnected");
  assertEquals(reason.replace(/[\d.]+/, "…"), "this machine does not have the address … any more");
  await ada.saw("chat-closed", { name: "bob", by: "lost" });
  await ada.saw("logged-in");
  await chat.send("I have moved");
  await bob.saw("message", { text: "I have moved" });
  await ada.saw("delivered", { text: "I have moved" });
});

livenessTest("a new address is announced once it has settled", async (env, data) => {
  using time = new FakeTime();
  const { ada, bob, own } = await chatting(env, data);
  own.push({ name: "eth1", address: "198.18.88.8" });
  await time.pass(2_000);
  own.push({ name: "docker0", address: "172.17.0.1" });
  await time.pass(10_000);
  await ada.saw("disconnected", { reason: /new address/ });
  await bob.saw("offline", { name: "ada" });
  await ada.saw("logged-in");
  await bob.saw("online", { name: "ada" });
  const known = [...bob.users].find(({ name }) => name === "ada");
  assertEquals(known?.details?.addresses.includes("198.18.88.8"), true);
  assertEquals(known?.details?.addresses.includes("172.17.0.1"), false);
  ada.events.clear();
  await time.pass(30_000);
  const ends = ada.events.all.filter(({ event }) => event === "disconnected");
  assertEquals(ends.map(({ reason }) => reason), []);
});
