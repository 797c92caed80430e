/** A server that was never met: one without MIM/2 gets nothing before the user's word. */

import { assertEquals, assertMatch } from "@std/assert";
import { Identity, MemoryStore } from "../../../../client/core/mod.ts";
import { clientLimits } from "../../../../client/core/limits.ts";
import { formatAddress } from "../../../../protocol/mod.ts";
import { newIdentity, newKey } from "../../../fixtures/keys.ts";
import { logIn, Mim2Server, Visit } from "../../../helpers/fake_server.ts";
import type { Wire } from "../../../helpers/peers.ts";
import { allowClassic, type Place, TestEnvironment } from "../../../helpers/test_environment.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { poll } from "../../../helpers/wait.ts";

const placeOf = ({ hostname, port }: Place) => formatAddress(hostname, port);

/** A classic server that records what it is sent before its clients hang up. */
function classicServer(env: TestEnvironment): { readonly at: Place; readonly sent: string[] } {
  const sent: string[] = [];
  const at = env.listen(async (wire) => {
    await wire.say("Welcome, said nobody in particular\n\n");
    await wire.hung();
    sent.push(wire.unread.toHex());
  });
  return { at, sent };
}

Deno.test("first contact: a server without MIM/2 is sent nothing, and shows nothing", async () => {
  await using env = TestEnvironment.fake();
  const { at, sent } = classicServer(env);
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const { message } = await assertRefused("classic-server", () => ada.login());
  assertMatch(
    message,
    /does not speak MIM\/2: nothing would be encrypted.* Nothing was sent to it/,
  );
  assertEquals(ada.state, "offline");
  assertEquals(ada.events.all.map(({ event }) => event), ["connected"]);
  await assertRefused("classic-server", () => ada.login());
  await poll(() => sent.length === 2, "both connections to end");
  assertEquals(sent, ["", ""]);
  assertEquals([ada.serverTrust.hasRejected, ada.serverTrust.hasRejectedClassic], [false, true]);
  await assertRefused("invalid-state", () => ada.serverTrust.accept());
});

Deno.test("first contact: the user's word is remembered for that place alone", async () => {
  await using env = TestEnvironment.fake();
  const listen = (wire: Wire) => logIn(wire).then(() => wire.hung());
  const [at, other] = [env.listen(listen), env.listen(listen)];
  const [store, identity] = [new MemoryStore(), Identity.fromBytes(newKey())];
  const ada = env.user("ada", at, undefined, { identity, store });
  await assertRefused("invalid-state", () => ada.serverTrust.allowClassic());
  await assertRefused("classic-server", () => ada.login());
  await ada.serverTrust.allowClassic();
  assertEquals(ada.serverTrust.hasRejectedClassic, false);
  await ada.login();
  await ada.saw("welcome", { text: "Welcome" });
  await ada.quit();
  const again = env.user("ada", at, undefined, { identity, store });
  await again.login();
  assertEquals([again.state, again.serverId], ["online", undefined]);
  await assertRefused("classic-server", () => again.switchServer(other));
});

Deno.test("first contact: without a key, every server may speak classic MIM", async () => {
  await using env = TestEnvironment.fake();
  const at = env.listen((wire) => logIn(wire).then(() => wire.hung()));
  const ada = env.user("ada", at);
  await ada.login();
  assertEquals(ada.state, "online");
});

Deno.test("first contact: once an allowed server has proven a key, it has to have it", async () => {
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  let isMim2 = true;
  const at = env.listen(async (wire) => {
    if (isMim2) await new Visit(wire, server).logIn();
    else await logIn(wire);
    await wire.hung();
  });
  const store = await allowClassic(new MemoryStore(), at);
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), store });
  await ada.login();
  assertEquals(await store.serverKey(placeOf(at)), server.publicKey);
  ada.logout();
  isMim2 = false;
  await assertRefused("server-key-mismatch", () => ada.login());
  assertEquals(ada.serverTrust.hasRejectedClassic, false, "this needs another word");
});

Deno.test("first contact: a welcome that does not end in 10 s is one without MIM/2", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const hurry = Promise.withResolvers<void>();
  const slow = new Mim2Server().listen(env, async (visit) => {
    await hurry.promise;
    await visit.logIn();
  });
  const endless = env.listen((wire) => wire.say("Welcome\n"));
  const ada = env.user("ada", endless, undefined, { identity: newIdentity() });
  const refused = assertRefused("classic-server", () => ada.login());
  await time.pass(clientLimits.loginAnswerTimeoutMs);
  await refused;
  const login = ada.login("ada", slow);
  await time.pass(clientLimits.loginAnswerTimeoutMs - 1);
  hurry.resolve();
  await login;
  assertEquals(ada.state, "online");
});

Deno.test("first contact: a server that says nothing did not answer, whatever is known of it", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  let isHanging = true;
  const server = new Mim2Server();
  const at = server.listen(env, async (visit) => {
    if (isHanging) await new Promise(() => {});
    await visit.logIn();
  });
  const store = new MemoryStore();
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), store });
  const expectSilence = async (user: typeof ada) => {
    const refused = assertRefused("server-unreachable", () => user.login());
    await time.pass(clientLimits.welcomeTimeoutMs);
    await time.pass(clientLimits.loginAnswerTimeoutMs);
    assertMatch((await refused).message, /it did not answer within 10 s$/);
    assertEquals(user.serverTrust.hasRejectedClassic, false);
  };
  await expectSilence(ada);
  isHanging = false;
  await ada.login();
  ada.logout();
  isHanging = true;
  await expectSilence(ada);
  await expectSilence(env.user("carl", at)); // without a key
});

Deno.test("first contact: a server that was met at another place is the same server", async () => {
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  const [at, other] = [1, 2].map(() => server.listen(env, (visit) => visit.logIn()));
  if (at === undefined || other === undefined) throw new Error("expected two places");
  const store = new MemoryStore();
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), store });
  await ada.login();
  const before = ada.serverId ?? "";
  const pin = { name: "bob", identity: newKey(), verified: true, since: 1 };
  await store.keepPin({ ...pin, server: before });
  await ada.switchServer(other);
  assertEquals(ada.serverId, before);
  assertEquals(ada.trust.contacts.map(({ name, verified }) => [name, verified]), [["bob", true]]);
});

Deno.test("first contact: a client that reconnects does not fall back either", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  const sent: string[] = [];
  let isMim2 = true;
  const at = env.listen(async (wire) => {
    if (isMim2) return await new Visit(wire, server).logIn().then(() => wire.close());
    await wire.say("Welcome\n\n");
    await wire.hung();
    sent.push(wire.unread.toHex());
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), reconnect: true });
  await ada.login();
  isMim2 = false;
  await ada.saw("disconnected");
  await time.pass(5_000);
  await ada.saw("error", { text: /^not logged in again: .* no longer proves its identity/ });
  assertEquals([ada.state, sent], ["offline", [""]]);
});
