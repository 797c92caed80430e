/** What the link to a server adds to a session: proofs, a clock, keys that follow keys, signed logs. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { MemoryStore } from "../../../../client/core/mod.ts";
import {
  CERTIFICATE_LIFETIME_MS,
  createRotation,
  formatAddress,
} from "../../../../protocol/mod.ts";
import { newIdentity, newKey } from "../../../fixtures/keys.ts";
import { add, bytes, Mim2Server, remove, row, type Visit } from "../../../helpers/fake_server.ts";
import { type Place, TestEnvironment } from "../../../helpers/test_environment.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { Clock, FakeTime } from "../../../helpers/time.ts";
import { poll } from "../../../helpers/wait.ts";

const placeOf = ({ hostname, port }: Place) => formatAddress(hostname, port);

Deno.test("server link: the welcome is shown once the server has proven its key", async () => {
  await using env = TestEnvironment.fake();
  const go = Promise.withResolvers<void>();
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.welcome("Be kind\nand patient");
    await go.promise;
    await visit.accept();
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const login = ada.login();
  await ada.saw("listening");
  assertEquals(ada.events.all.map(({ event }) => event), ["connected", "listening"]);
  go.resolve();
  await login;
  const texts = ada.events.all.filter(({ event }) => event === "welcome").map(({ text }) => text);
  assertEquals(texts, ["Be kind", "and patient"]);
});

Deno.test("server link: nothing is shown of a server that refuses before it has proven its key", async () => {
  await using env = TestEnvironment.fake();
  const store = new MemoryStore();
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.welcome("A fine place");
    await visit.say({ type: "refusal", code: 6, text: "" });
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), store });
  await assertRefused("server-refused", () => ada.login());
  assertEquals(ada.events.all.filter(({ event }) => event === "welcome"), []);
  assertEquals(await store.serverKey(placeOf(at)), undefined);
});

Deno.test("server link: a static key that the server's key has not signed ends it before a byte", async () => {
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  const heard: string[] = [];
  const other = new Mim2Server();
  const at = env.listen(async (wire) => {
    const line = (of: Mim2Server) =>
      new TextDecoder().decode(of.welcome()).split("\n").at(-3)?.split(" ") ?? [];
    const [words, key, , signature] = line(server);
    await wire.say(`Welcome\n${[words, key, line(other)[2], signature].join(" ")}\n\n`);
    await wire.hung();
    heard.push(wire.unread.toHex());
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const { message, details } = await assertRefused("protocol-error", () => ada.login());
  assertMatch(message, /not what the server sent \(expected keys signed by the server/);
  assert("end" in details && details.end.type === "not-authentic");
  await assertRefused("protocol-error", () => ada.login());
  await poll(() => heard.length === 2, "both connections to end");
  assertEquals(heard, ["", ""]);
});

Deno.test("server link: a login names the session before at the same server, at no other", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  const visits: Visit[] = [];
  const script = async (visit: Visit) => {
    visit.session = bytes(8, visits.length + 1);
    await visit.logIn();
    visits.push(visit);
  };
  const at = server.listen(env, script);
  const other = new Mim2Server().listen(env, script);
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), reconnect: true });
  await ada.login();
  visits[0]?.wire.close();
  await ada.saw("disconnected");
  await time.pass(1_000);
  await ada.switchServer(other);
  assertEquals(
    visits.map(({ login }) => login.previousSession.toHex()),
    ["", bytes(8, 1).toHex(), ""],
  );
});

Deno.test("server link: the time is the server's, told by the login and counted on by timers", async () => {
  using clock = new Clock();
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  const at = server.listen(env, async (visit) => {
    const identity = bytes(32, 3);
    const certificate = () =>
      server.certify("bob", identity, visit.serverTime - CERTIFICATE_LIFETIME_MS + 30_000);
    await visit.logIn(
      ...[1, 2].map(() => row({ name: "bob", identity, certificate: certificate() })),
    );
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  const [, now, later] = [...ada.users];
  assert(now !== undefined && later !== undefined);
  assert(ada.users.ownsName(now));
  clock.advance(60_000);
  assert(![now, later].some((user) => ada.users.ownsName(user)), "it is over 30 days old by now");
});

/** Ada at a server whose key has changed since she was there. */
async function rotated(env: TestEnvironment, before: Uint8Array, rotate: (of: Mim2Server) => void) {
  const server = new Mim2Server(before);
  const at = server.listen(env, (visit) => visit.logIn());
  const store = new MemoryStore();
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), store });
  await ada.login();
  const pin = { name: "bob", identity: newKey(), verified: true, since: 1 };
  await store.keepPin({ ...pin, server: ada.serverId ?? "" });
  ada.logout();
  ada.events.clear();
  rotate(server);
  return { ada, server, store, at };
}

Deno.test("server link: a new key that the old one has signed is followed, and that is said once", async () => {
  await using env = TestEnvironment.fake();
  const keys = [newKey(), newKey(), newKey(), newKey()];
  const [first, second, third, fourth] = keys as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const { ada, server, store, at } = await rotated(env, second, (server) => {
    server.rotations = [
      createRotation(first, second, 1), // from before she was there
      createRotation(second, third, 2),
      createRotation(third, fourth, 3),
    ];
    server.key = fourth;
  });
  await ada.login();
  const { text } = await ada.saw("note", { text: /has a new key/ });
  assertMatch(
    text,
    /^The server at 198\.18\.\d+\.\d+:\d+ has a new key \(was [0-9a-f]{64}, now [0-9a-f]{64}\)/,
  );
  assertEquals(await store.serverKey(placeOf(at)), server.publicKey);
  assertEquals(ada.serverId, server.publicKey.toHex());
  assertEquals(ada.trust.contacts.map(({ name, verified }) => [name, verified]), [["bob", true]]);
  ada.logout();
  await ada.login();
  assertEquals(ada.events.all.filter(({ event }) => event === "note").length, 1);
});

const FORGED: readonly (readonly [string, (old: Uint8Array, next: Uint8Array) => Mim2Server])[] = [
  ["signed by the new key alone", (old, next) => {
    const server = new Mim2Server(next);
    const rotation = createRotation(old, next, 1);
    server.rotations = [{ ...rotation, oldSignature: rotation.newSignature }];
    return server;
  }],
  ["of another key", (_, next) => {
    const server = new Mim2Server(next);
    server.rotations = [createRotation(newKey(), next, 1)];
    return server;
  }],
  ["to another key", (old, next) => {
    const server = new Mim2Server(next);
    server.rotations = [createRotation(old, newKey(), 1)];
    return server;
  }],
  ["none", (_, next) => new Mim2Server(next)],
];

for (const [what, forge] of FORGED) {
  Deno.test(`server link: a new key is refused if its rotation is ${what}`, async () => {
    await using env = TestEnvironment.fake();
    const [old, next] = [newKey(), newKey()];
    const { ada } = await rotated(env, old, (server) => {
      const { key, rotations } = forge(old, next);
      server.key = key;
      server.rotations = rotations;
    });
    await assertRefused("server-key-mismatch", () => ada.login());
    assertEquals(ada.events.all.filter(({ event }) => event === "note"), []);
  });
}

Deno.test("server link: a log that the server does not sign for 30 s is not the server's", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const visits: Visit[] = [];
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.logIn();
    visits.push(visit);
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  const [visit] = visits;
  assert(visit !== undefined);
  const bob = row({ name: "bob" });
  visit.signs = false;
  await visit.say(add(bob));
  await time.pass(29_000);
  visit.signs = true;
  await visit.say(remove(bob)); // this signature covers both
  await time.pass(29_000);
  assertEquals(ada.state, "online");
  visit.signs = false;
  for (let second = 0; second < 30; second += 5) {
    await visit.say(add(row({ name: "eve" })));
    await time.pass(5_000);
  }
  const { reason } = await ada.saw("disconnected");
  assertMatch(reason, /expected a signature within 30 s, got none/);
});
