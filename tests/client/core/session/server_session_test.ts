/** What a MIM/2 server tells after the login, and what the client tells it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  type Certificate,
  deleteOfAdd,
  encodeAdd,
  type EntryDetails,
  limits,
  type LinkEntry,
} from "../../../../protocol/mod.ts";
import { assertRefused, type TestUser } from "../../../helpers/test_user.ts";
import { FakeTime } from "../../../helpers/time.ts";
import {
  add,
  bytes,
  logIn,
  Mim2Server,
  remove,
  row,
  type Visit,
} from "../../../helpers/fake_server.ts";
import type { Wire } from "../../../helpers/peers.ts";
import { newIdentity } from "../../../fixtures/keys.ts";
import type { Network } from "../../../../server/mod.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";

const bob = row({ name: "bob", session: bytes(8, 7), identity: bytes(32, 3) });

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate that nobody has signed. */
function unsigned(byte: number): Certificate {
  return { claimed: 1_754_331_886_096, issued: 1_754_331_886_096, signature: bytes(64, byte) };
}

/** Ada at a server where these are online too, and the server's end of it. */
async function visiting(
  env: TestEnvironment,
  rows: readonly LinkEntry[] = [],
  more: Parameters<TestEnvironment["user"]>[3] = {},
  server = new Mim2Server(),
): Promise<{ readonly ada: TestUser; readonly visits: Visit[]; readonly visit: Visit }> {
  const visits: Visit[] = [];
  const at = server.listen(env, async (visit) => {
    await visit.logIn(...rows);
    visits.unshift(visit);
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity(), ...more });
  await ada.login();
  const [visit] = visits;
  if (visit === undefined) throw new Error("expected a visit");
  return { ada, visits, visit };
}

Deno.test("MIM/2 stay: pings are answered with their token", async () => {
  await using env = TestEnvironment.fake();
  const { visit } = await visiting(env);
  for (const token of [0, 7, 0xffff_ffff]) {
    await visit.say({ type: "ping", token });
    assertEquals(await visit.hear(), { type: "pong", token });
  }
});

Deno.test("MIM/2 stay: a server that pings is heard, one that is silent for 75 s is left", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { ada, visit, visits } = await visiting(env, [bob], { reconnect: true });
  for (let pings = 0; pings < 10; pings++) {
    await time.pass(30_000);
    await visit.say({ type: "ping", token: pings });
  }
  await time.pass(74_999);
  assertEquals(ada.state, "online");
  await time.pass(15_001);
  await ada.saw("disconnected", { reason: "the server was silent for 75 s" });
  assertEquals(
    [...ada.users].map(({ name }) => name),
    ["ada", "bob"],
    "they are no less online for it",
  );
  await time.pass(1_000);
  assertEquals([ada.state, visits.length], ["online", 2]);
});

Deno.test("MIM/2 stay: the server says how often it pings", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.welcome();
    await visit.say(visit.accepted(2), add(visit.own), { type: "complete", rows: 1 });
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  await time.pass(6_000);
  await ada.saw("disconnected", { reason: "the server was silent for 5 s" });
});

Deno.test("MIM/2 stay: after a sleep the server is asked, and left only if it does not answer", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { ada, visit, visits } = await visiting(env, [], { reconnect: true });
  time.sleep(60_000);
  await time.pass(2_000);
  const ping = await visit.hear();
  assert(ping?.type === "ping");
  await visit.say({ type: "pong", token: ping.token, serverTime: 0 });
  await time.pass(10_000);
  assertEquals([ada.state, visits.length], ["online", 1]);

  time.sleep(60_000);
  await time.pass(2_000 + 5_000);
  await ada.saw("disconnected", { reason: "the server was silent for 5 s" });
  await time.pass(0);
  assertEquals([ada.state, visits.length], ["online", 2]);
});

Deno.test("MIM/2 stay: a Delete takes the row of its session", async () => {
  await using env = TestEnvironment.fake();
  const twin = { ...bob, session: bytes(8, 8) };
  const { ada, visit } = await visiting(env, [bob, twin]);
  await visit.say(remove(twin));
  const { user } = await ada.saw("offline");
  assertEquals([user.name, user.details?.session], ["bob", twin.session]);
  await visit.say(remove(row({ name: "bob" })), add(row({ name: "eve" })));
  await ada.saw("online", { name: "eve" });
  assertEquals([...ada.users].map(({ name }) => name), ["ada", "bob", "eve"]);
});

Deno.test("MIM/2 stay: the own row is that of the own session, not one that looks like it", async () => {
  await using env = TestEnvironment.fake();
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.welcome();
    const twin = { ...visit.own, session: bytes(8, 5) };
    await visit.say(visit.accepted(), add(twin), add(visit.own), { type: "complete", rows: 2 });
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  assertEquals([...ada.users].map(({ own }) => own), [false, true]);
});

Deno.test("MIM/2 stay: a change is told, and changes nothing that proves who it is", async () => {
  await using env = TestEnvironment.fake();
  const { ada, visit } = await visiting(env, [bob]);
  const changed: EntryDetails = {
    capabilities: 3,
    certificate: { claimed: 1, issued: 2, signature: bytes(64, 1) },
    availability: "busy",
    status: "in a meeting",
    reachability: "unreachable",
    addresses: ["198.51.100.10"],
  };
  await visit.say({ type: "change", session: bob.session, details: changed });
  const { user } = await ada.saw("presence");
  const { name: _, address, port, ...details } = bob;
  assertEquals(user, {
    id: user.id,
    name: "bob",
    address,
    port,
    own: false,
    details: { ...details, ...changed },
  });
  assertEquals([...ada.users][1], user);
  const { availability } = changed;
  const ofNobody = { type: "change", session: bytes(8, 99), details: { availability } } as const;
  await visit.say(ofNobody, add(row({ name: "eve" })));
  await ada.saw("online", { name: "eve" });
  assertEquals(ada.events.all.filter(({ event }) => event === "presence").length, 1);
});

Deno.test("MIM/2 stay: of a table and the changes behind it only the result is told", async () => {
  await using env = TestEnvironment.fake();
  const gone = row({ name: "gone", session: bytes(8, 4) });
  const server = new Mim2Server();
  const at = server.listen(env, async (visit) => {
    await visit.welcome();
    await visit.say(
      visit.accepted(),
      ...[visit.own, gone, bob].map(add),
      { type: "change", session: bob.session, details: { availability: "away" } },
      remove(gone),
      add(row({ name: "carol", session: gone.session })),
      { type: "complete", rows: 3 },
    );
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  const told = ada.events.all.filter(({ event }) => /^(online|offline|presence)$/.test(event));
  assertEquals(told.map(({ event, name, flags }) => [event, name, flags]), [
    ["online", "ada", ["you"]],
    ["online", "bob", ["away"]],
    ["online", "carol", ["classic"]],
  ]);
});

Deno.test("MIM/2 stay: a table with one session twice ends the login", async () => {
  await using env = TestEnvironment.fake();
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.logIn(bob, { ...bob, name: "eve" });
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await assertRefused("protocol-error", () => ada.login());
});

Deno.test("MIM/2 stay: events say how sure it is who has come, once that is asked", async () => {
  await using env = TestEnvironment.fake();
  const { ada, visit } = await visiting(env, []);
  const online = ada.waitFor("online");
  const seen: (string | undefined)[] = [];
  ada.addEventListener("online", ({ security }) => seen.push(security));
  await visit.say(add(bob));
  assertEquals((await online).security, "unconfirmed");
  const presence = ada.waitFor("presence");
  await visit.say({ type: "change", session: bob.session, details: { availability: "away" } });
  assertEquals((await presence).security, "unconfirmed");
  await visit.say(add(row({ name: "classic" })));
  await ada.saw("online", { name: "classic" });
  assertEquals(seen, ["unconfirmed", "classic"]);
});

Deno.test("MIM/2 stay: the own availability is told now, and again at the next login", async () => {
  await using env = TestEnvironment.fake();
  const { ada, visit, visits } = await visiting(env);
  ada.setStatus("busy", "writing");
  assertEquals(await visit.hear(), { type: "status", availability: "busy", status: "writing" });
  ada.setStatus("away");
  assertEquals(await visit.hear(), { type: "status", availability: "away", status: "writing" });
  ada.logout();
  await ada.login();
  const { availability, status } = visits[0]?.login ?? {};
  assertEquals([availability, status], ["away", "writing"]);
  assertEquals([ada.availability, ada.status], ["away", "writing"]);
  const tooLong = "x".repeat(limits.statusBytes + 1);
  await assertRefused("send-failed", () => Promise.try(() => ada.setStatus("online", tooLong)));
  assertEquals(ada.status, "writing");
});

Deno.test("MIM/2 stay: what is set while the login is under way is told behind it", async () => {
  await using env = TestEnvironment.fake();
  const go = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<unknown>();
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.welcome();
    await go.promise;
    await visit.say(visit.accepted(), add(visit.own), { type: "complete", rows: 1 });
    heard.resolve(await visit.hear());
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const login = ada.login();
  await ada.saw("listening");
  ada.setStatus("away", "");
  go.resolve();
  await login;
  assertEquals(await heard.promise, { type: "status", availability: "away", status: "" });
});

Deno.test("MIM/2 stay: who comes back as another is told, once the table is in", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const rows = [bob, row({ name: "carol", session: bytes(8, 4) })];
  const { ada, visit } = await visiting(env, rows, { reconnect: true });
  rows.splice(0, 2, { ...bob, session: bytes(8, 9), availability: "away" }, row({ name: "dan" }));
  visit.wire.close();
  await ada.saw("disconnected");
  ada.events.clear();
  await time.pass(1_000);
  await ada.saw("logged-in");
  await ada.saw("online", { name: "dan" });
  const { user } = await ada.saw("presence", { name: "bob" });
  assertEquals(user.details?.session, bytes(8, 9));
  assertEquals(ada.events.all.filter(({ name }) => name === "carol"), []);
  await time.pass(35_000);
  await ada.saw("offline", { name: "carol" });
});

Deno.test("MIM/2 stay: while the server is gone everybody stays known, with the age of that", async () => {
  await using env = TestEnvironment.fake();
  const { ada, visit } = await visiting(env, [bob]);
  assertEquals(ada.users.staleSince, undefined);
  visit.wire.close();
  await ada.saw("disconnected");
  assert(ada.users.staleSince instanceof Date);
  assertEquals([...ada.users][1]?.details?.identity, bob.identity);
  assertEquals(ada.events.unread.filter(({ event }) => event === "offline"), []);
  assert(ada.serverId !== undefined);
});

Deno.test("MIM/2 stay: a certificate is looked at when somebody asks, and only then", async () => {
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  const issued = 1_754_331_886_096;
  const certified = (name: string, by: Mim2Server, identity = bytes(32, 3)) =>
    row({ name, identity, certificate: by.certify(name, identity, issued) });
  const rows = [
    certified("bob", server),
    { ...certified("bob", server), name: "eve" },
    certified("mallory", new Mim2Server()),
    row({ name: "classic" }),
    row({ name: "unproven", identity: bytes(32, 3) }),
    row({ name: "garbage", identity: bytes(32, 255), certificate: unsigned(255) }),
    row({ name: "nothing", identity: bytes(32, 0), certificate: unsigned(0) }),
    ...[-DAY_MS * 30 - 1, 3_660_000].map((late) => {
      const certificate = server.certify("dated", bytes(32, 3), issued + late);
      return row({ name: "dated", identity: bytes(32, 3), certificate });
    }),
  ];
  const { ada } = await visiting(env, rows, {}, server);
  const owners = () =>
    [...ada.users].filter((user) => ada.users.ownsName(user)).map(({ name }) => name);
  assertEquals(owners(), ["bob"]);
  ada.logout();
  assertEquals(owners(), ["bob"]);
});

Deno.test("MIM/2 stay: a table of 10,000 rows is in, though no key and no certificate is one", async () => {
  await using env = TestEnvironment.fake();
  const rows = Array.from({ length: 10_000 }, (_, at) =>
    row({
      name: `user ${at}`,
      session: new Uint8Array(new BigUint64Array([BigInt(at + 1_000_000_000)]).buffer),
      identity: bytes(32, 255), // no point of the curve
      certificate: unsigned(255),
      addresses: ["192.0.2.1", "2001:db8::1"],
    }));
  const { ada } = await visiting(env, rows);
  assertEquals(ada.users.size, 10_001);
});

Deno.test("MIM/2 stay: a flood of changes is told as it comes, and keeps nothing", async () => {
  await using env = TestEnvironment.fake();
  const { ada, visit } = await visiting(env, [bob]);
  const before = ada.users.size;
  for (let round = 0; round < 100; round++) {
    await visit.say(...Array.from({ length: 100 }, (_, at) => ({
      type: "change" as const,
      session: bob.session,
      details: { status: `${round} ${at} ${"x".repeat(200)}` },
    })));
  }
  await visit.say({ type: "ping", token: 1 });
  assertEquals(await visit.hear(), { type: "pong", token: 1 });
  assertEquals(ada.users.size, before);
  assertMatch([...ada.users][1]?.details?.status ?? "", /^99 99 /);
});

Deno.test("MIM/2 stay: a server that pings and does not read makes nothing grow", async () => {
  await using env = TestEnvironment.fake({ capacity: 1024 });
  const { ada, visit } = await visiting(env);
  for (let token = 0; token < 5_000; token++) await visit.say({ type: "ping", token });
  await visit.say(add(row({ name: "eve" })));
  await ada.saw("online", { name: "eve" });
  assertEquals(ada.state, "online");
});

/** A classic server that says what its test wants once ada is logged in, and counts connections. */
async function classicVisit(env: TestEnvironment) {
  const wires: Wire[] = [];
  let isClosed = false;
  const at = env.listen(async (wire) => {
    wires.push(wire);
    if (wires.length === 1) await logIn(wire);
  });
  const machine = env.machine();
  const network: Network = {
    listen: (at) => machine.network.listen(at),
    connect(to) {
      if (isClosed) throw new Deno.errors.ConnectionRefused("gone");
      return machine.network.connect(to);
    },
  };
  const ada = env.user("ada", at, { ...machine, network });
  await ada.login();
  return { ada, wires, closeServer: () => isClosed = true };
}

Deno.test("classic session: a server that has broken silences, and does not any more, is left", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { ada, wires } = await classicVisit(env);
  for (let beats = 0; beats < 10; beats++) {
    await time.pass(120_000);
    await wires[0]?.say(deleteOfAdd(encodeAdd({ name: "", address: "", port: 0 })));
  }
  await time.pass(299_000);
  assertEquals([ada.state, wires.length], ["online", 1]);
  await time.pass(61_000);
  await ada.saw("disconnected", { reason: "the server was silent for 300 s" });
});

Deno.test("classic session: a server that never breaks a silence is left once it can't be dialed", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { wires, ada, closeServer } = await classicVisit(env);
  await time.pass(1_300_000);
  assertEquals(ada.state, "online");
  assert(wires.length > 3, "it was dialed");
  closeServer();
  await time.pass(400_000);
  await ada.saw("disconnected", { reason: "the server was silent for 300 s" });
});
