/** A server that is known by its key is found again at another place, and nothing has to be accepted. */

import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import type { ServerConnection } from "../../../../client/core/session/server_connection.ts";
import { ServerRoute } from "../../../../client/core/session/server_route.ts";
import { KnownServers } from "../../../../client/core/trust/mod.ts";
import { MemoryStore } from "../../../../client/core/mod.ts";
import { formatAddress, type ServerAddress } from "../../../../protocol/mod.ts";
import type { Network } from "../../../../server/mod.ts";
import { newIdentity } from "../../../fixtures/keys.ts";
import { Mim2Server, Visit } from "../../../helpers/fake_server.ts";
import { type Machine, type Place, TestEnvironment } from "../../../helpers/test_environment.ts";
import type { Wire } from "../../../helpers/peers.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { poll } from "../../../helpers/wait.ts";
import { assertRefused } from "../../../helpers/test_user.ts";

const placeOf = ({ hostname, port }: Place) => formatAddress(hostname, port);
const otherKey = new Uint8Array(32).fill(7);

/** A user who knows a server that has gone, and what the user has asked the network for. */
async function whoKnows(
  env: TestEnvironment,
  key: Uint8Array,
  at: Place,
  found: readonly ServerAddress[],
  machine?: Machine,
) {
  const store = new MemoryStore();
  await store.pinServer(placeOf(at), key);
  const asked: string[][] = [];
  const ada = env.user("ada", at, machine, {
    identity: newIdentity(),
    store,
    findServers: (keys) => {
      asked.push(keys.map((each) => each.toHex()));
      return Promise.resolve(found);
    },
  });
  return { ada, asked, store };
}

/** A user who comes back to a server by itself, and the places that the network announces meanwhile. */
async function comesBack(env: TestEnvironment, machine?: Machine) {
  const data = await Deno.makeTempDir();
  const home = env.machine();
  const place = { hostname: home.address, network: home.network };
  const { server } = env.serve({ data, ...place });
  const at = { hostname: home.address, port: server.port };
  const found: ServerAddress[] = [];
  const ada = env.user("ada", at, machine, {
    identity: newIdentity(),
    reconnect: true,
    findServers: () => Promise.resolve(found),
  });
  await ada.login();
  await ada.saw("logged-in", {});
  const restart = () => env.serve({ data, ...place, port: at.port });
  return { ada, at, data, key: server.publicKey ?? otherKey, found, server, restart };
}

Deno.test("moved server: it is found by its key, and pinned at the new place", async () => {
  await using env = TestEnvironment.fake();
  const { server, at } = env.serve({ data: await Deno.makeTempDir() });
  const key = server.publicKey ?? otherKey;
  const gone = { hostname: env.machine().address, port: 4242 };
  const { ada, asked, store } = await whoKnows(env, key, gone, [{ ...at, key }]);
  await ada.login();
  await ada.saw("note", { text: /has moved to .*: it has proven the same key/ });
  assertEquals(asked, [[key.toHex()]]);
  assertEquals([placeOf(ada.server), ada.serverId], [placeOf(at), key.toHex()]);
  assertEquals(await store.serverKey(placeOf(at)), key);
});

Deno.test("moved server: another one that answers at the old place does no harm", async () => {
  await using env = TestEnvironment.fake();
  const { server, at } = env.serve({ data: await Deno.makeTempDir() });
  const { at: old } = env.serve({ data: await Deno.makeTempDir() });
  const key = server.publicKey ?? otherKey;
  const { ada } = await whoKnows(env, key, old, [{ ...at, key }]);
  await ada.login();
  await ada.saw("note", { text: /has moved to .*: it has proven the same key/ });
  assertEquals(placeOf(ada.server), placeOf(at));
});

Deno.test("moved server: one that only claims the key gets nothing", async () => {
  await using env = TestEnvironment.fake();
  const mim2 = new Mim2Server();
  const logins: unknown[] = [];
  const at = mim2.listen(env, async (visit) => {
    await visit.announce();
    logins.push(await visit.readLogin());
  });
  const gone = { hostname: env.machine().address, port: 4242 };
  const { ada, store } = await whoKnows(env, otherKey, gone, [{ ...at, key: otherKey }]);
  await assertRefused("server-unreachable", () => ada.login());
  assertEquals([ada.state, await store.serverKey(placeOf(at))], ["offline", undefined]);
  assertEquals(logins, []);
});

Deno.test("moved server: what announces no key, or the same place, is no place to look", async () => {
  await using env = TestEnvironment.fake();
  let calls = 0;
  const at = env.listen(() => void calls++);
  const gone = { hostname: env.machine().address, port: 4242 };
  const found = [at, { ...gone, key: otherKey }];
  const { ada } = await whoKnows(env, otherKey, gone, found);
  await assertRefused("server-unreachable", () => ada.login());
  assertEquals(calls, 0);
});

Deno.test("moved server: one that was never met is not looked for", async () => {
  await using env = TestEnvironment.fake();
  const gone = { hostname: env.machine().address, port: 4242 };
  const asked: unknown[] = [];
  const ada = env.user("ada", gone, undefined, {
    identity: newIdentity(),
    findServers(keys) {
      asked.push(keys);
      return Promise.resolve([]);
    },
  });
  await assertRefused("server-unreachable", () => ada.login());
  assertEquals(asked, []);
});

Deno.test("moved server: it is followed while this client reconnects", async () => {
  await using env = TestEnvironment.fake();
  const { ada, data, key, found, server } = await comesBack(env);
  await server.close();
  const { at: next } = env.serve({ data });
  found.push({ ...next, key });
  await ada.saw("logged-in", {});
  await ada.saw("note", { text: /has moved to .*: it has proven the same key/ });
  assertEquals(placeOf(ada.server), placeOf(next));
});

/** The places that a machine dials. */
function watched({ address, network }: Machine): { dialed: string[]; machine: Machine } {
  const dialed: string[] = [];
  const connect: Network["connect"] = (to) => {
    dialed.push(placeOf(to));
    return network.connect(to);
  };
  return { dialed, machine: { address, network: { listen: (at) => network.listen(at), connect } } };
}

/** Addresses where nobody is, as one machine can announce them. */
function deadPlaces(key: Uint8Array): ServerAddress[] {
  return Array.from({ length: 16 * 8 }, (_, index) => ({
    hostname: `203.0.113.${index + 1}`,
    port: 4242,
    key,
  }));
}

Deno.test("moved server: lies about where it is keep nobody from the place that is known", async () => {
  await using env = TestEnvironment.fake();
  const { dialed, machine } = watched(env.machine());
  const { ada, at, key, found, server, restart } = await comesBack(env, machine);
  found.push(...deadPlaces(key));
  await server.close();
  const isDead = (place: string) => place.startsWith("203.0.113.");
  await poll(() => dialed.some(isDead), "a dead place to be dialed");
  // It is back at once, while the dead places would be dialed for ten seconds.
  restart();
  await ada.saw("logged-in", {});
  assertEquals(placeOf(ada.server), placeOf(at));
  const dead = dialed.filter(isDead);
  assert(new Set(dead).size <= 8, `${dead.length} places`);
});

Deno.test("moved server: its link-local addresses are dialed after the others", async () => {
  await using env = TestEnvironment.fake();
  const { dialed, machine } = watched(env.machine());
  const { ada, at, data, key, found, server } = await comesBack(env, machine);
  await server.close();
  const { at: next } = env.serve({ data });
  const linkLocal = Array.from({ length: 7 }, (_, index) => `fe80::${index + 1}%cable`);
  found.push(...linkLocal.map((hostname) => ({ hostname, port: next.port, key })));
  found.push({ ...next, key });
  await ada.saw("logged-in", {});
  assertEquals(placeOf(ada.server), placeOf(next));
  assertEquals(dialed.find((place) => place !== placeOf(at)), placeOf(next));
});

Deno.test("moved server: one that only claims the key does not end the attempts", async () => {
  await using env = TestEnvironment.fake();
  let visits = 0;
  const liar = env.listen((wire) => {
    visits++;
    return new Visit(wire, new Mim2Server()).logIn().catch(() => {});
  });
  const { ada, at, key, found, server, restart } = await comesBack(env);
  found.push({ ...liar, key });
  await server.close();
  await poll(() => visits > 0, "a visit");
  restart();
  await ada.saw("logged-in", {});
  assertEquals(placeOf(ada.server), placeOf(at));
});

/** A machine to which one place answers late. */
function slowTo(
  { address, network }: Machine,
  slow: Place,
  wait: () => Promise<unknown>,
): Machine {
  const connect: Network["connect"] = async (to) => {
    if (placeOf(to) === placeOf(slow)) await wait();
    return await network.connect(to);
  };
  return { address, network: { listen: (at) => network.listen(at), connect } };
}

/** The acts of a machine that announces a server's key without having it. */
const LIES: Readonly<Record<string, (wire: Wire, honest: Mim2Server) => Promise<unknown>>> = {
  "has another key": (wire) => new Visit(wire, new Mim2Server()).logIn(),
  "says nothing": (wire) => wire.hung(),
  "says what is no MIM": (wire) => wire.say("HTTP/1.1 400 Bad Request\r\n\r\n"),
  "repeats what the server announces": async (wire, honest) => {
    await new Visit(wire, honest).announce();
    await wire.hung();
  },
};

for (const [lie, act] of Object.entries(LIES)) {
  Deno.test(`moved server: one that ${lie} does not win over the slower server`, async () => {
    await using env = TestEnvironment.fake();
    const honest = new Mim2Server();
    const at = honest.listen(env, (visit) => visit.logIn());
    const key = honest.publicKey;
    const gone = { hostname: env.machine().address, port: 4242 };
    const isThere = async (known: Place, further: readonly ServerAddress[]) => {
      const { promise: visited, resolve: visit } = Promise.withResolvers<void>();
      const liar = env.listen((wire) => {
        setTimeout(visit, 200);
        return act(wire, honest).then(() => {}, () => {});
      });
      const machine = slowTo(env.machine(), at, () => visited);
      const { ada } = await whoKnows(env, key, known, [{ ...liar, key }, ...further], machine);
      await ada.login();
      const tried = ada.events.all.flatMap(({ event, address }) =>
        event === "connected" ? [address] : []
      );
      assertEquals(tried, [placeOf(at)], "the liar is not even tried");
    };
    await Promise.all([isThere(at, []), isThere(gone, [{ ...at, key }])]);
  });
}

Deno.test("moved server: it is found if something that is no MIM answers at its old place", async () => {
  await using env = TestEnvironment.fake();
  const honest = new Mim2Server();
  const at = honest.listen(env, (visit) => visit.logIn());
  const old = env.listen((wire) => wire.say("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const { ada } = await whoKnows(env, honest.publicKey, old, [{ ...at, key: honest.publicKey }]);
  await ada.login();
  await ada.saw("note", { text: /has moved to .*: it has proven the same key/ });
});

Deno.test("moved server: one that hands on proofs but logs nobody in wins no second round", async () => {
  await using env = TestEnvironment.fake();
  const honest = new Mim2Server();
  const key = honest.publicKey;
  const at = honest.listen(env, (visit) => visit.logIn());
  const between = honest.listen(env, async (visit) => {
    await visit.welcome();
    visit.wire.close();
  });
  const gone = { hostname: env.machine().address, port: 4242 };
  const machine = slowTo(env.machine(), at, () => delay(600));
  const { ada } = await whoKnows(env, key, gone, [{ ...between, key }, { ...at, key }], machine);
  await ada.login();
  assertEquals(placeOf(ada.server), placeOf(at));
});

Deno.test("moved server: any number of lies is gone through, a few places in a search", async () => {
  await using env = TestEnvironment.fake();
  const honest = new Mim2Server();
  const key = honest.publicKey;
  const at = honest.listen(env, (visit) => visit.logIn());
  const { address, network } = env.machine();
  const lies = Array.from(
    { length: 80 },
    (_, index) => ({ hostname: address, port: 4242 + index, key }),
  );
  const route = new ServerRoute({
    network,
    servers: new KnownServers(new MemoryStore(), undefined),
    hasIdentity: true,
    load: () => Promise.resolve(),
    findServers: () => Promise.resolve([...lies, { ...at, key }]),
  }, { hostname: env.machine().address, port: 4242, key });
  let found: ServerConnection | undefined;
  let searches = 0;
  for (; found === undefined; searches++) {
    found = await route.dialMoved(new AbortController().signal);
  }
  assert(searches <= 11, `${searches} searches`);
  assertEquals(placeOf(found.server), placeOf(at));
  found.close();
});

Deno.test("several servers: all that are named are tried before one is looked for elsewhere", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const honest = new Mim2Server();
  const at = honest.listen(env, (visit) => visit.logIn());
  const elsewhere = honest.listen(env, (visit) => visit.logIn());
  const dead = { hostname: "203.0.113.9", port: 4242 }; // nothing ever answers there
  const store = new MemoryStore();
  await store.pinServer(placeOf(at), honest.publicKey);
  let searches = 0;
  const ada = env.user("ada", dead, undefined, {
    ...{ server: [dead, at], identity: newIdentity(), store },
    findServers: () => {
      searches++;
      return Promise.resolve([{ ...elsewhere, key: honest.publicKey }]);
    },
  });
  const login = ada.login();
  await time.pass(30_000);
  await login;
  assertEquals([placeOf(ada.server), searches], [placeOf(at), 0]);
});

Deno.test("several servers: one that has moved is reported under its own place", async () => {
  await using env = TestEnvironment.fake();
  const { server, at } = env.serve({ data: await Deno.makeTempDir() });
  const key = server.publicKey ?? otherKey;
  const [never, gone] = [env.machine(), env.machine()].map(({ address }) => ({
    hostname: address,
    port: 4242,
  }));
  assert(never !== undefined && gone !== undefined);
  const store = new MemoryStore();
  await store.pinServer(placeOf(gone), key);
  const ada = env.user("ada", never, undefined, {
    ...{ server: [never, gone], identity: newIdentity(), store },
    findServers: () => Promise.resolve([{ ...at, key }]),
  });
  await ada.login();
  await ada.saw("note", {
    text: `The server at ${gone.hostname} has moved to ${placeOf(at)}: it has proven the same key`,
  });
  assertEquals(placeOf(ada.server), placeOf(at));
});

Deno.test("several servers: one that takes the connection and says nothing is left for the next", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const hanging = env.listen((wire) => wire.hung());
  const honest = new Mim2Server();
  const at = honest.listen(env, (visit) => visit.logIn());
  const servers = [hanging, at];
  const ada = env.user("ada", hanging, undefined, { server: servers, identity: newIdentity() });
  const login = ada.login();
  await time.pass(10_000);
  await login;
  assertEquals(placeOf(ada.server), placeOf(at));
});
