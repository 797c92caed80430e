/** Coming back to a MIM/2 server, or to what answers in its place; and what goes on without it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { Identity, MemoryStore } from "../../../../client/core/mod.ts";
import { encodeFrame } from "../../../../protocol/mod.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { poll } from "../../../helpers/wait.ts";
import { watchHarm } from "../../../fixtures/harmless.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { add, Mim2Server, row } from "../../../helpers/fake_server.ts";
import { newIdentity, newKey } from "../../../fixtures/keys.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";

Deno.test("MIM/2 reconnecting: a server with another key ends it, loudly", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  let visits = 0;
  const at = server.listen(env, async (visit) => {
    visits++;
    await visit.logIn(row({ name: "bob" }));
    visit.wire.close();
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), reconnect: true });
  await ada.login();
  server.key = newKey();
  await ada.saw("disconnected");
  assertEquals(ada.state, "reconnecting");
  await time.pass(1_000);
  const { text } = await ada.saw("error");
  assertMatch(text, /^not logged in again: the identity of the server at .* has changed/);
  assertEquals(ada.state, "offline");
  assertEquals([...ada.users].map(({ name }) => name), ["ada", "bob"]);
  const before = visits;
  await time.pass(120_000);
  assertEquals(visits, before);
});

for (const code of [12, 13, 14]) {
  Deno.test(`MIM/2 reconnecting: after ${code} the user has to log in again, and can`, async () => {
    using time = new FakeTime();
    await using env = TestEnvironment.fake();
    let visits = 0;
    const at = new Mim2Server().listen(env, async (visit) => {
      await visit.logIn();
      if (++visits > 1) return;
      await visit.say({ type: "refusal", code, text: "" });
      visit.wire.close();
    });
    const ada = env.user("ada", at, undefined, { identity: newIdentity(), reconnect: true });
    await ada.login();
    const { reason } = await ada.saw("disconnected");
    assertMatch(reason, /banned|only people on its list|operator ended/);
    await time.pass(120_000);
    assertEquals([ada.state, visits], ["offline", 1]);
    await ada.login();
    assertEquals([ada.state, visits], ["online", 2]);
  });
}

for (const code of [2, 3, 8, 12, 13, 14]) {
  Deno.test(`MIM/2 reconnecting: refusal ${code} ends it, for only the user can do something`, async () => {
    using time = new FakeTime();
    await using env = TestEnvironment.fake();
    let visits = 0;
    const at = new Mim2Server().listen(env, async (visit) => {
      if (++visits === 1) {
        await visit.logIn();
      } else {
        await visit.welcome();
        await visit.say({ type: "refusal", code, text: "no" });
      }
      visit.wire.close();
    });
    const ada = env.user("ada", at, undefined, { identity: newIdentity(), reconnect: true });
    await ada.login();
    await ada.saw("disconnected");
    await time.pass(60_000);
    await ada.saw("error", { text: /^not logged in again: the server at .*: no$/ });
    assertEquals([ada.state, visits], ["offline", 2]);
  });
}

Deno.test("MIM/2 reconnecting: a server that is full, or shuts down, is tried again", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  let visits = 0;
  const at = new Mim2Server().listen(env, async (visit) => {
    visits++;
    if (visits === 1 || visits === 4) await visit.logIn();
    else {
      await visit.welcome();
      await visit.say({ type: "refusal", code: visits === 2 ? 6 : 7, text: "" });
    }
    if (visits < 4) visit.wire.close();
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), reconnect: true });
  await ada.login();
  await ada.saw("disconnected");
  await time.pass(10_000);
  assertEquals([ada.state, visits], ["online", 4]);
  assertEquals(ada.events.all.filter(({ event }) => event === "error"), []);
});

Deno.test("MIM/2 reconnecting: lost again in the middle of the table, nobody is told to have gone who has not", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const bob = row({ name: "bob" });
  let visits = 0;
  const at = new Mim2Server().listen(env, async (visit) => {
    if (++visits !== 2) {
      await visit.logIn(bob);
    } else {
      await visit.welcome();
      await visit.say(visit.accepted(), add(visit.own));
    }
    if (visits < 3) visit.wire.close();
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), reconnect: true });
  await ada.login();
  await time.pass(60_000);
  assertEquals([ada.state, visits], ["online", 3]);
  assertEquals([...ada.users].map(({ name }) => name), ["ada", "bob"]);
  assertEquals(ada.events.all.filter(({ event }) => event === "offline"), []);
});

Deno.test("MIM/2: while another server refuses, the names are those of the one before", async () => {
  await using env = TestEnvironment.fake();
  const first = new Mim2Server();
  const at = first.listen(env, (visit) => visit.logIn(row({ name: "bob" })));
  const other = new Mim2Server().listen(env, async (visit) => {
    await visit.welcome();
    await visit.say({ type: "refusal", code: 3, text: "" });
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  await assertRefused("server-refused", () => ada.switchServer(other));
  assertEquals(ada.server, other);
  assertEquals([...ada.users].map(({ name }) => name), ["ada", "bob"]);
  assertEquals(ada.serverId, first.publicKey.toHex());
});

Deno.test("MIM/2 reconnecting: chats go on without the server, and what waits goes out when it is back", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { address: hostname, network } = env.machine();
  const at = { hostname, port: 4242 };
  const { server } = env.serve({ ...at, network, data: folder.path });
  const bobsKey = newKey();
  const store = new MemoryStore();
  const bobsMachine = env.machine();
  const carol = env.user("carol", at, undefined, { identity: newIdentity() });
  const bob = env.user("bob", at, bobsMachine, { identity: Identity.fromBytes(bobsKey) });
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), store });
  for (const user of [carol, bob, ada]) await user.login();
  const withCarol = await ada.call("carol");
  const withBob = await ada.call("bob");
  await server.close();
  for (const user of [carol, bob, ada]) await user.saw("disconnected");

  await withCarol.send("the server is gone");
  await carol.saw("message", { name: "ada", text: "the server is gone" });
  assertEquals(ada.users.size, 3);
  assertEquals(ada.events.unread.filter(({ event }) => event === "offline"), []);
  assert(ada.users.staleSince !== undefined);

  await bob.quit();
  await ada.saw("chat-closed", { name: "bob" });
  void withBob.send("for later");
  await ada.saw("queued");

  // The same server, and Bob's program started anew, at another port.
  env.serve({ ...at, network, data: folder.path });
  const bobAgain = env.user("bob", at, bobsMachine, { identity: Identity.fromBytes(bobsKey) });
  await bobAgain.login();
  await ada.login();
  await bobAgain.saw("message", { name: "ada", text: "for later" });
  await ada.saw("delivered", { text: "for later" });
  assertEquals(ada.outbox, []);
});

Deno.test("MIM/2 bad server: any bytes behind the login end in a reason, and do no harm", async () => {
  await using env = TestEnvironment.fake();
  const block = fc.uint8Array({ maxLength: 60 }).map(encodeFrame);
  const typed = fc.tuple(
    fc.constantFrom(..."ADUSPpCER".split("").map((type) => type.charCodeAt(0))),
    fc.uint8Array({ maxLength: 60 }),
  ).map(([type, rest]) => encodeFrame(Uint8Array.from([type, ...rest])));
  /** In the clear, for this client alone, or in a record. */
  const way = fc.constantFrom("clear", "noise", "record");
  const speech = fc.array(fc.tuple(way, fc.oneof(block, typed)), { minLength: 1, maxLength: 6 });
  let parts: readonly (readonly [string, Uint8Array])[] = [];
  const server = new Mim2Server();
  const at = server.listen(env, async (visit) => {
    await visit.logIn();
    for (const [way, bytes] of parts) {
      const body = bytes.subarray(2);
      await visit.wire.say(
        ...way === "clear"
          ? [bytes]
          : way === "noise"
          ? [visit.encrypt(body)]
          : visit.sealer.sealLog([body]),
      );
    }
    await visit.wire.end();
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const assertNoHarm = watchHarm(ada);
  await fc.assert(
    fc.asyncProperty(speech, async (said) => {
      parts = said;
      ada.events.clear();
      await ada.login();
      await poll(() => ada.state === "offline", "the end");
      const { reason } = await ada.saw("disconnected");
      assertMatch(
        reason,
        /^(the server (closed the connection|sent what is not MIM \()|what came is not what the )/,
      );
      assertNoHarm();
    }),
    { numRuns: 300 },
  );
});
