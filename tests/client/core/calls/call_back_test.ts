/** Users who can't be dialed: they are asked to dial, and the server learns of it. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { MemoryStore } from "../../../../client/core/mod.ts";
import { assertRefused, type TestUser } from "../../../helpers/test_user.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { bytes, logIn, Mim2Server, row, type Visit } from "../../../helpers/fake_server.ts";
import { encodeAdd, type LinkEntry } from "../../../../protocol/mod.ts";
import type { Network } from "../../../../server/mod.ts";
import { newIdentity } from "../../../fixtures/keys.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { allowClassic, TestEnvironment } from "../../../helpers/test_environment.ts";

/** Behind a firewall: others see the port refused. */
const REFUSED = { listen: { hostname: "127.0.0.1" } };

Deno.test("callback: a peer behind a closed port is reached", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const bob = env.user("bob", at, undefined, { identity: newIdentity(), ...REFUSED });
  await bob.login();
  await ada.login();
  const atAda = await ada.call("bob");
  assertEquals([atAda.direction, atAda.name, atAda.state === "open"], ["outgoing", "bob", true]);
  const { chat: atBob } = await bob.saw("chat-opened");
  assertEquals([atBob.direction, atBob.name], ["incoming", "ada"]);
  await atAda.send("hello");
  await bob.saw("message", { name: "ada", text: "hello" });
  await atBob.send("hi");
  await ada.saw("message", { name: "bob", text: "hi" });
  assertEquals([ada.chats.all.length, bob.chats.all.length], [1, 1]);
});

Deno.test("callback: a client that rejects unknown callers is not made to call one", async () => {
  using time = new FakeTime();
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const bob = env.user("bob", at, undefined, { identity: newIdentity(), ...REFUSED });
  for (const user of [ada, bob]) await user.login();
  bob.calls.unknownCallers = "refuse";
  const refused = assertRefused("peer-unreachable", () => ada.call("bob"));
  await time.pass(10_000);
  assertMatch((await refused).message, /nothing listens there/);
  bob.calls.unknownCallers = "allow";
  await bob.calls.ignore({ name: "ada" });
  const call = assertRefused("peer-unreachable", () => ada.call("bob"));
  await time.pass(10_000);
  await call;
  assertEquals(bob.chats.all, []);
});

Deno.test("callback: aborting the call ends the wait", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const bob = row({ name: "bob", identity: bytes(32, 3), address: "198.18.99.1" });
  const at = new Mim2Server().listen(env, (visit) => visit.logIn(bob));
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  const [, user] = [...ada.users];
  if (user === undefined) throw new Error("expected bob");
  const controller = new AbortController();
  const call = ada.call(user, controller);
  await time.pass(10_000); // nothing answers; from here on bob is waited for
  controller.abort(new Error("never mind"));
  await assertRejects(() => call, Error, "never mind");
});

/** Ada at a scripted server, which then asks her to call. */
async function asked(
  env: TestEnvironment,
  times: number,
  more: Parameters<TestEnvironment["user"]>[3] = {},
  change: Partial<LinkEntry> = {},
): Promise<{
  readonly ada: TestUser;
  readonly dialed: () => number;
  readonly visit: Visit;
}> {
  let dialed = 0;
  const peer = env.listen(async (wire) => {
    dialed++;
    await wire.bytes(6);
    wire.close();
  });
  const session = bytes(8, 7);
  const { hostname: address, port } = peer;
  const bob = row({ name: "bob", identity: bytes(32, 3), session, address, port, ...change });
  const visited = Promise.withResolvers<Visit>();
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.logIn(bob);
    visited.resolve(visit);
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), ...more });
  await ada.login();
  const visit = await visited.promise;
  for (let time = 0; time < times; time++) {
    await visit.say({ type: "call-me", session });
    await visit.say({ type: "call-me", session: bytes(8, 99) }); // nobody's
    await visit.say({ type: "call-me", session: visit.session }); // the own
    await visit.say({ type: "ping", token: time });
    await visit.hear();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return { ada, dialed: () => dialed, visit };
}

Deno.test("callback: a server's repeated requests are rate-limited", async () => {
  await using env = TestEnvironment.fake();
  const { ada, dialed } = await asked(env, 50);
  assertEquals(dialed(), 6);
  assertEquals(ada.events.all.filter(({ event }) => event === "error"), []);
});

Deno.test("callback: nobody new has this client dial addresses or ports of their choice", async () => {
  await using env = TestEnvironment.fake();
  const machine = env.machine();
  const dialed: string[] = [];
  const network: Network = {
    listen: (at) => machine.network.listen(at),
    connect: (to) => {
      dialed.push(to.hostname);
      return machine.network.connect(to);
    },
    interfaces: () => [{ name: "eth0", address: "192.168.1.5" }],
  };
  const own = { network, listen: { hostname: machine.address } };
  const addresses = ["192.168.1.1", "169.254.169.254", "127.0.0.1", "fd00::1"];
  const { ada, dialed: count } = await asked(env, 1, own, { addresses });
  assertEquals(count(), 1);
  const [server, bob] = dialed;
  assertEquals(dialed, [server, bob], "the server, and the address that it has seen");
  const low = await asked(env, 1, own, { addresses, port: 80 });
  assertEquals(dialed.length, 3, "and the other server");
  for (const user of [ada, low.ada]) {
    assertEquals(user.events.all.filter(({ event }) => event === "error"), []);
  }
  const [, listed] = [...low.ada.users];
  const called = low.ada.call(listed ?? "bob");
  assertMatch((await assertRefused("peer-unreachable", () => called)).message, /port below 1024/);
});

Deno.test("callback: a classic user at a port of the machine's own services is not called", async () => {
  await using env = TestEnvironment.fake();
  const at = env.listen(async (wire) => {
    await logIn(wire, encodeAdd({ name: "bob", address: "192.168.1.1", port: 80 }));
    await wire.hung();
  });
  const ada = env.user("ada", at);
  await ada.login();
  const { message } = await assertRefused("peer-unreachable", () => ada.call("bob"));
  assertMatch(message, /port below 1024/);
});

Deno.test("callback: a classic server passes no request on", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const store = await allowClassic(new MemoryStore(), at);
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), store });
  const bob = env.user("bob", at, undefined, REFUSED);
  for (const user of [ada, bob]) await user.login();
  const { message } = await assertRefused("peer-unreachable", () => ada.call("bob"));
  assertMatch(message, /nothing listens there$/);
});
