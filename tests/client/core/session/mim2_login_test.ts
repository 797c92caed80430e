/** Logging in at a MIM/2 server, and at what only looks like one. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Identity, MemoryStore, THIS_MACHINE } from "../../../../client/core/mod.ts";
import { formatAddress, identityOf, isLoginSigned } from "../../../../protocol/mod.ts";
import { assertRefused, type TestUser } from "../../../helpers/test_user.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { add, bytes, logIn, Mim2Server, row, Visit } from "../../../helpers/fake_server.ts";
import { newIdentity, newKey } from "../../../fixtures/keys.ts";
import { Wire } from "../../../helpers/peers.ts";
import { allowClassic, type Place, TestEnvironment } from "../../../helpers/test_environment.ts";
import { clientLimits } from "../../../../client/core/limits.ts";
import { describeError } from "../../../../client/app/mod.ts";
import { logIn as logInPatiently } from "../../../../client/cli/find_user.ts";

/** A user who speaks MIM/2. */
function ada(
  env: TestEnvironment,
  at: Place,
  more: Parameters<TestEnvironment["user"]>[3] = {},
): TestUser {
  return env.user("ada", at, undefined, { identity: newIdentity(), ...more });
}

Deno.test("MIM/2 login: it proves the key, and says what there is to say", async () => {
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  const visited = Promise.withResolvers<Visit>();
  const at = server.listen(env, async (visit) => {
    await visit.logIn(row({ name: "bob" }));
    visited.resolve(visit);
  });
  const identity = newKey();
  const user = ada(env, at, { identity: Identity.fromBytes(identity) });
  user.setStatus("away", "tea");
  await user.login();
  const { login, handshakeHash } = await visited.promise;
  const { name, availability, status } = login;
  assertEquals([name, availability, status], ["ada", "away", "tea"]);
  assertEquals(login.identity, identityOf(identity));
  assertEquals(`${user.publicKey}`, identityOf(identity).toHex());
  assertEquals(login.previousSession.length, 0);
  assert(isLoginSigned(login, handshakeHash));
  assertEquals(user.serverId, server.publicKey.toHex());
  assertEquals([...user.users].map(({ name, own }) => [name, own]), [["ada", true], [
    "bob",
    false,
  ]]);
  const told = user.events.all.map(({ event }) => event);
  assertEquals(told, ["connected", "listening", "welcome", "online", "logged-in", "online"]);
});

for (const end of ["close", "reset"] as const) {
  Deno.test(`MIM/2 login: a ${end} behind a replayed welcome is reported soon, as a key that was not proven`, async () => {
    using time = new FakeTime();
    await using env = TestEnvironment.fake();
    let visits = 0;
    const at = new Mim2Server().listen(env, async (visit) => {
      visits++;
      await visit.announce();
      visit.wire[end]();
    });
    const refused = assertRefused("protocol-error", () => logInPatiently(ada(env, at), 60_000));
    await time.pass(8_000);
    const error = await refused;
    assertMatch(describeError(error, "command"), /did not prove its key.*someone else answers/);
    assertEquals(visits, 5);
  });
}

Deno.test("MIM/2 login: the table's end is marked, and no silence is waited for", async () => {
  await using env = TestEnvironment.fake();
  const end = Promise.withResolvers<void>();
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.welcome();
    await visit.say(visit.accepted(), add(visit.own));
    await end.promise;
    await visit.say(add(row({ name: "bob" })), { type: "complete", rows: 2 });
  });
  const user = ada(env, at);
  let done = false;
  const login = user.login().then(() => done = true);
  await user.saw("welcome");
  assert(!done && user.users.size === 0, "nothing is believed before its end");
  end.resolve();
  using _time = new FakeTime(); // nothing waits for time from here
  await login;
  await user.users.ready;
  assertEquals([...user.users].map(({ name }) => name), ["ada", "bob"]);
});

Deno.test("MIM/2 login: without a key it is a classic one, at a MIM/2 server too", async () => {
  await using env = TestEnvironment.fake();
  const at = env.listen(async (wire) => {
    await wire.say(`MIM/2 ${bytes(32, 1).toBase64().slice(0, 43)} ${"A".repeat(43)}\n`);
    await logIn(wire);
    await wire.hung();
  });
  const user = env.user("ada", at);
  await user.login();
  assertEquals(user.serverId, undefined);
  assertEquals([...user.users][0]?.details, undefined);
});

Deno.test("MIM/2 login: at a classic server that the user allows it is a classic one", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const user = ada(env, at, { store: await allowClassic(new MemoryStore(), at) });
  await user.login();
  await user.users.ready;
  assertEquals(user.serverId, undefined);
});

/** What a server that claims a key, and can't prove it, may say after the login. */
const LIES: readonly (readonly [
  what: string,
  say: (visit: Visit) => Promise<void>,
  why: RegExp,
])[] = [
  [
    "a proof by another key",
    async (visit) => {
      const { key } = visit.server;
      visit.server.key = newKey();
      const accepted = visit.accepted();
      visit.server.key = key;
      await visit.say(accepted, add(visit.own));
    },
    /accepted once and signed by the server/,
  ],
  [
    "the proof of another login",
    async (visit) => {
      await visit.say({ ...visit.accepted(), session: bytes(8, 2) }, add(visit.own));
    },
    /accepted once and signed by the server/,
  ],
  ["no proof", (visit) => visit.say(add(visit.own)), /a block of another kind/],
  [
    "the proof after the table",
    (visit) => visit.say({ type: "complete", rows: 0 }, visit.accepted()),
    /an accepted login or a refusal, got complete/,
  ],
  [
    "a ping before the proof",
    (visit) => visit.say({ type: "ping", token: 1 }),
    /an accepted login or a refusal, got ping/,
  ],
  [
    "two proofs",
    (visit) => visit.say(visit.accepted(), visit.accepted()),
    /accepted once and signed by the server/,
  ],
  [
    "a table without the own entry",
    (visit) => visit.say(visit.accepted(), { type: "complete", rows: 0 }),
    /expected the own entry in the table, got its end/,
  ],
  [
    "one session for two rows",
    (visit) =>
      visit.say(
        visit.accepted(),
        add(row({ name: "bob", session: bytes(8, 9) })),
        add(row({ name: "eve", session: bytes(8, 9) })),
        { type: "complete", rows: 2 },
      ),
    /expected a session of its own for each row/,
  ],
];

for (const [what, say, why] of LIES) {
  Deno.test(`MIM/2 login: ${what} is no MIM server, and no key is kept`, async () => {
    await using env = TestEnvironment.fake();
    const store = new MemoryStore();
    const at = new Mim2Server().listen(env, async (visit) => {
      await visit.welcome();
      await say(visit);
    });
    const user = ada(env, at, { store });
    const { message } = await assertRefused("protocol-error", () => user.login());
    assertMatch(message, why);
    assertEquals(user.state, "offline");
    if (what.includes("proof") && what !== "two proofs") {
      assertEquals(await store.serverKey(formatAddress(at.hostname, at.port)), undefined);
      assertEquals(user.events.all.filter(({ event }) => event === "welcome"), [], "nor shown");
    }
  });
}

Deno.test("MIM/2 login: the proof is of this login, not of an earlier one", async () => {
  await using env = TestEnvironment.fake();
  let first: ReturnType<Visit["accepted"]> | undefined;
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.welcome();
    first ??= visit.accepted();
    await visit.say(first, add(visit.own), { type: "complete", rows: 1 });
  });
  const user = ada(env, at);
  await user.login();
  user.logout();
  await assertRefused("protocol-error", () => user.login());
});

Deno.test("MIM/2 login: a server with another key gets nothing, until the user accepts it", async () => {
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  const heard: string[] = [];
  const at = server.listen(env, async (visit) => {
    await visit.welcome();
    heard.push(visit.login.name);
    await visit.say(visit.accepted(), add(visit.own), { type: "complete", rows: 1 });
  });
  const store = new MemoryStore();
  const user = ada(env, at, { store });
  await user.login();
  const before = user.serverId;
  user.logout();
  server.key = newKey();
  const { message } = await assertRefused("server-key-mismatch", () => user.login());
  assertMatch(
    message,
    /^the identity of the server at .* has changed \(was [0-9a-f]{64}, now [0-9a-f]{64}\)\./,
  );
  assertEquals(heard, ["ada"]);
  assertEquals(user.serverId, before);
  await assertRefused("server-key-mismatch", () => user.login());

  const bob = { name: "bob", identity: new Uint8Array(32).fill(7), verified: true, since: 1 };
  await store.keepPin({ ...bob, server: before ?? "" });
  await user.serverTrust.accept();
  await user.login();
  assertEquals(user.serverId, server.publicKey.toHex());
  assertEquals(
    (await store.pin(server.publicKey.toHex(), "bob"))?.verified,
    true,
    "who is known stays so",
  );
  assertEquals(await store.serverKey(formatAddress(at.hostname, at.port)), server.publicKey);
  const error = await assertRefused(
    "invalid-state",
    () => Promise.try(() => user.serverTrust.accept()),
  );
  assertMatch(error.message, /nothing to accept/);
});

Deno.test("MIM/2 login: what was refused is not accepted any more once the server is itself again", async () => {
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  const at = server.listen(env, async (visit) => {
    await visit.logIn();
    await visit.wire.hung();
  });
  const store = new MemoryStore();
  const user = ada(env, at, { store });
  await user.login();
  user.logout();
  const { key, publicKey } = server;
  server.key = newKey();
  await assertRefused("server-key-mismatch", () => user.login());
  assertEquals(user.serverTrust.hasRejected, true);
  server.key = key;
  await user.login();
  assertEquals(user.serverTrust.hasRejected, false);
  await assertRefused("invalid-state", () => Promise.try(() => user.serverTrust.accept()));
  assertEquals(await store.serverKey(formatAddress(at.hostname, at.port)), publicKey);
});

Deno.test("MIM/2 login: a server that spoke MIM/2 and does not any more is not logged in at", async () => {
  await using env = TestEnvironment.fake();
  let mim2 = true;
  let logins = 0;
  const server = new Mim2Server();
  const at = env.listen(async (wire) => {
    if (mim2) {
      await new Visit(wire, server).logIn();
    } else {
      await logIn(wire);
      logins++;
    }
    await wire.hung();
  });
  const user = ada(env, at);
  await user.login();
  user.logout();
  mim2 = false;
  const { message } = await assertRefused("server-key-mismatch", () => user.login());
  assertMatch(message, /does not speak MIM\/2 any more/);
  assertEquals(logins, 0);
  await user.serverTrust.accept(); // for this run
  await user.login();
  assertEquals(logins, 1);
  // Who had a key at this server is not talked to in the clear for all that.
  assertEquals(user.serverId, server.publicKey.toHex());
  user.logout();
  mim2 = true;
  await user.login();
  assertEquals(user.serverId, server.publicKey.toHex());
});

Deno.test("MIM/2 login: whoever hosts on this machine has a key of its own, where no server was named", async () => {
  await using env = TestEnvironment.fake();
  const machine = env.machine();
  const server = new Mim2Server();
  const listener = machine.network.listen({ hostname: "127.0.0.1", port: 4242 });
  const serve = async () => {
    for (;;) {
      await using wire = new Wire(await listener.accept());
      await new Visit(wire, server).logIn().catch(() => {}); // it may have hung up before
      await wire.hung();
    }
  };
  const serving = serve().catch(() => {});
  const at = { hostname: "localhost", port: 4242 };
  const store = new MemoryStore();
  const user = env.user("ada", at, machine, {
    identity: newIdentity(),
    store,
    isDefaultServer: true,
    listen: {},
  });
  await user.login();
  assertEquals(user.serverId, THIS_MACHINE);
  assertEquals(await store.serverKey("localhost:4242"), undefined);
  user.logout();
  server.key = newKey();
  await user.login();
  user.logout();
  // Named, it is a server like any other.
  const named = { ...at };
  await user.login("ada", named);
  assertEquals(user.serverId, server.publicKey.toHex());
  user.logout();
  server.key = newKey();
  await assertRefused("server-key-mismatch", () => user.login());
  listener.close();
  await serving;
});

const REFUSALS: readonly (readonly [code: number, why: RegExp])[] = [
  [1, /newer one$/],
  [2, /; choose another name, with \/login NAME$/],
  [3, /`mim key import FILE` here\), or choose another name, with \/login NAME$/],
  [4, /; close some, or try again later$/],
  [6, /; try again later$/],
  [7, /; try again later$/],
  [8, /; try again, and see if there is a newer program$/],
  [77, /: no␛\[2J$/],
];

Deno.test("MIM/2 login: where a server can't say whose a name is, the next one is asked", async () => {
  await using env = TestEnvironment.fake();
  const undecided = new Mim2Server().listen(env, async (visit) => {
    await visit.welcome();
    await visit.say({ type: "refusal", code: 10, text: "not now" });
    visit.wire.close();
  });
  const other = new Mim2Server().listen(env, async (visit) => {
    await visit.logIn();
    await visit.wire.hung();
  });
  const user = env.user("ada", undecided, undefined, {
    identity: newIdentity(),
    server: [undecided, other],
  });
  await user.login();
  assertEquals(user.server, other);
  user.logout();
  // If none of them can, that is the answer.
  await assertRefused("server-refused", () => user.login("ada", [undecided, undecided]));
});

for (const [code, why] of REFUSALS) {
  Deno.test(`MIM/2 login: refusal ${code} says what to do`, async () => {
    await using env = TestEnvironment.fake();
    const at = new Mim2Server().listen(env, async (visit) => {
      await visit.welcome();
      await visit.say({ type: "refusal", code, text: "no\x1b[2J" });
      visit.wire.close();
    });
    const user = ada(env, at);
    const error = await assertRefused("server-refused", () => user.login());
    assertMatch(error.message, /^the server at .* did not log ada in: no␛\[2J$/);
    assertMatch(describeError(error, "terminal"), why);
    assert(error.is("server-refused") && error.details.end.type === "rejected");
    assertEquals(error.details.end.code, code);
  });
}

Deno.test("MIM/2 login: a complaint that no close follows is an error, else the reason of the end", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const close = Promise.withResolvers<void>();
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.logIn();
    await visit.say({ type: "refusal", code: 5, text: "slowly" });
    await close.promise;
    await visit.say({ type: "refusal", code: 7, text: "" });
    await visit.wire.end();
  });
  const user = ada(env, at);
  await user.login();
  await time.pass(1_000);
  const { text } = await user.saw("error");
  assertEquals(text, "the server complains: slowly");
  assertEquals(user.state, "online");
  close.resolve();
  await user.saw("disconnected", {
    reason: /^the server closed the connection: .* is shutting down/,
  });
  assertEquals(user.events.all.filter(({ event }) => event === "error").length, 1);
});

Deno.test("MIM/2 login: an allowed classic server that announces MIM/2 late is not misread, and waited for next time", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  let hurry = Promise.withResolvers<void>();
  let visits = 0;
  const at = new Mim2Server().listen(env, async (visit) => {
    await hurry.promise;
    await (++visits === 1 ? visit.announce() : visit.logIn());
  });
  const user = ada(env, at, { store: await allowClassic(new MemoryStore(), at) });
  const login = assertRefused("server-refused", () => user.login());
  await time.pass(clientLimits.welcomeTimeoutMs);
  hurry.resolve();
  await time.pass(1);
  assertMatch((await login).message, /took too long to say that it speaks MIM\/2$/);
  hurry = Promise.withResolvers();
  const again = user.login();
  await time.pass(clientLimits.loginAnswerTimeoutMs - 1);
  hurry.resolve();
  await again;
  assert(user.serverId !== undefined);
});
