/** Who is online: what clients and server tell each other, on a real network and in memory. */

import { assert, assertEquals } from "@std/assert";
import { encodeLogin } from "../../protocol/mod.ts";
import { assertRefused, type TestUser } from "../helpers/test_user.ts";
import type { Wire } from "../helpers/peers.ts";
import type { Place, TestEnvironment } from "../helpers/test_environment.ts";
import { serverContract as contract } from "./contract.ts";

/** A client of another make: logs in and then says nothing. */
async function loggedIn(
  env: TestEnvironment,
  at: Place,
  name: string,
  port = 4000,
  machine = env.machine(),
): Promise<Wire> {
  const wire = await env.dial(at, machine);
  await wire.say(encodeLogin({ name, port }));
  return wire;
}

function names(user: TestUser): string[] {
  return [...user.users].map(({ name }) => name);
}

contract("who logs in sees everybody, also itself; the others are told", async (env) => {
  const { at } = await env.started({ welcome: "Welcome to the office\nBe kind" });
  const ada = env.user("ada", at);
  await ada.login();
  await ada.saw("connected", { address: `${at.hostname}:${at.port}` });
  await ada.saw("welcome", { text: "Welcome to the office" });
  await ada.saw("welcome", { text: "Be kind" });
  const { port } = await ada.saw("listening");
  await ada.saw("online", { name: "ada", address: new RegExp(`:${port}$`) });
  await ada.saw("logged-in", { name: "ada" });
  assertEquals(names(ada), ["ada"]);
  assertEquals(ada.state, "online");

  const bob = env.user("bob", at);
  await bob.login();
  assertEquals(names(bob), ["ada", "bob"]);
  assertEquals([...bob.users].map(({ own }) => own), [false, true]);
  const { user } = await ada.saw("online", { name: "bob" });
  assertEquals(user, { ...[...bob.users][1], own: false } as typeof user);
  assertEquals(names(ada), ["ada", "bob"]);
});

contract("who logs out is gone for the others, and is told nothing any more", async (env) => {
  const { server, at } = await env.started();
  const [ada, bob] = await env.online(at, "ada", "bob");
  bob.logout();
  await bob.saw("logged-out");
  await ada.saw("offline", { name: "bob" });
  assertEquals(names(ada), ["ada"]);
  assertEquals(bob.state, "offline");
  assertEquals(server.userCount, 1);
  assertEquals(bob.events.unread.filter(({ event }) => event === "disconnected"), []);
});

const ENDS: Readonly<Record<string, (wire: Wire) => Promise<void> | void>> = {
  "a close": (wire) => wire.close(),
  "its end of the connection closed": (wire) => wire.end(),
  "a half block": async (wire) => {
    await wire.say([0]);
    wire.close();
  },
  // The server may close before it has heard all of these.
  "a second login": (wire) => wire.say(encodeLogin({ name: "eve", port: 1 })).catch(() => {}),
  "bytes that are no login": (wire) => wire.say([0xff, 0xff, 1, 2, 3]).catch(() => {}),
};

contract("an entry goes with its connection, however that ends", async (env) => {
  const { server, at } = await env.started();
  const ada = env.user("ada", at);
  await ada.login();
  for (const [end, finish] of Object.entries(ENDS)) {
    const wire = await loggedIn(env, at, end);
    await ada.saw("online", { name: end });
    await finish(wire);
    await ada.saw("offline", { name: end });
    assertEquals(names(ada), ["ada"], end);
  }
  assertEquals(server.userCount, 1);
});

contract("who reads nothing of the table and goes is gone all the same", async (env) => {
  const { at } = await env.started();
  const ada = env.user("ada", at);
  await ada.login();
  const wires = [];
  for (const name of ["a", "b", "c"]) wires.push(await loggedIn(env, at, name));
  for (const name of ["a", "b", "c"]) await ada.saw("online", { name });
  for (const wire of wires) wire.close();
  for (const name of ["a", "b", "c"]) await ada.saw("offline", { name });
});

contract("same name, same address, or both: a Delete takes just one", async (env) => {
  const { at } = await env.started();
  const ada = env.user("ada", at);
  await ada.login();
  const machine = env.machine();
  const open = async (port: number) => {
    const wire = await loggedIn(env, at, "twin", port, machine);
    await ada.saw("online", { name: "twin", address: `${machine.address}:${port}` });
    return wire;
  };
  const twins = [await open(1001), await open(1001), await open(1002)];
  assertEquals(names(ada), ["ada", "twin", "twin", "twin"]);
  const ports = () => [...ada.users].filter(({ own }) => !own).map(({ port }) => port);
  twins[0]?.close();
  await ada.saw("offline", { name: "twin", address: `${machine.address}:1001` });
  assertEquals(ports(), [1001, 1002]);
  twins[2]?.close();
  await ada.saw("offline", { name: "twin", address: `${machine.address}:1002` });
  assertEquals(ports(), [1001]);
  twins[1]?.close();
  await ada.saw("offline", { name: "twin", address: `${machine.address}:1001` });
  assertEquals(ports(), []);
});

contract("among namesakes each knows its own entry", async (env) => {
  const { at } = await env.started();
  const adas = await env.online(at, "ada", "ada", "ada");
  for (const ada of adas) {
    const { port } = await ada.saw("listening");
    for (let others = 0; others < 3; others++) await ada.saw("online", { name: "ada" });
    const own = [...ada.users].filter((user) => user.own);
    assertEquals(own.map((user) => user.port), [port]);
    assertEquals(ada.users.size, 3);
  }
  const [first, second] = adas;
  const { port } = [...second.users].find(({ own }) => own) ?? {};
  const user = [...first.users].find((user) => user.port === port && !user.own);
  assert(user !== undefined);
  const chat = await first.call(user);
  await chat.send("hello, me");
  await second.saw("message", { name: "ada", text: "hello, me" });
});

contract("logging out and in again works, under another name too", async (env) => {
  const { server, at } = await env.started();
  const [ada, bob] = await env.online(at, "ada", "bob");
  await assertRefused("invalid-state", () => ada.login());
  ada.logout();
  await bob.saw("offline", { name: "ada" });
  await ada.login("Ada L.");
  await bob.saw("online", { name: "Ada L." });
  assertEquals(ada.name, "Ada L.");
  assertEquals(names(ada), ["bob", "Ada L."]);
  assertEquals(server.userCount, 2);
});

contract("another server can be logged in at", async (env) => {
  const one = await env.started();
  const two = await env.started();
  const [ada] = await env.online(one.at, "ada");
  ada.logout();
  await ada.login("ada", two.at);
  assertEquals(two.server.userCount, 1);
  assertEquals(ada.server, two.at);
});

contract(
  "when the server closes, clients are told and offline, and can come back",
  async (env) => {
    const { server, at } = await env.started();
    const [ada, bob] = await env.online(at, "ada", "bob");
    await server.close();
    for (const user of [ada, bob]) {
      await user.saw("disconnected", { reason: /the server closed|was lost/ });
      assertEquals(user.state, "offline");
    }
    const other = await env.started();
    await ada.login("ada", other.at);
    assertEquals(names(ada), ["ada"]);
  },
);

contract("nobody answers at the server's address: server-unreachable", async (env) => {
  const { server, at } = await env.started();
  await server.close();
  const ada = env.user("ada", at);
  await assertRefused("server-unreachable", () => ada.login());
  assertEquals(ada.state, "offline");
  assertEquals(ada.events.all, []);
});

contract("the server is full: server-refused", async (env) => {
  const { at } = await env.started({ maxUsers: 1 });
  const [ada] = await env.online(at, "ada");
  const bob = env.user("bob", at);
  await assertRefused("server-refused", () => bob.login());
  assertEquals(bob.state, "offline");
  ada.logout();
  // The server learns of it in its own time.
  for (let tries = 0; tries < 1000 && bob.state === "offline"; tries++) {
    await bob.login().catch(() => {});
  }
  assertEquals(names(bob), ["bob"]);
});

contract("a name that is not allowed is refused, here and by the server", async (env) => {
  const { server, at } = await env.started();
  for (const name of ["", "  ", "a\tb", "x\u202Ey", "n".repeat(65)]) {
    await assertRefused("invalid-name", () => env.user(name, at).login());
    const wire = await loggedIn(env, at, name);
    await wire.hung();
  }
  assertEquals(server.userCount, 0);
});

contract("a name may be anything that can be seen, at its longest too", async (env) => {
  const { at } = await env.started();
  const [ada] = await env.online(at, "ada");
  for (const name of ["Zoë 😀", "n".repeat(64), "零", "a b", "-x", "a@b", "7"]) {
    await env.user(`  ${name} `, at).login();
    await ada.saw("online", { name });
  }
});

contract("quitting leaves nothing open, in any state", async (env) => {
  const { server, at } = await env.started();
  const [ada, bob] = await env.online(at, "ada", "bob");
  await ada.call("bob");
  await bob.saw("chat-opened", { name: "ada" });
  await ada.quit();
  await ada.quit();
  await bob.saw("chat-closed", { name: "ada", by: "them" });
  await bob.saw("offline", { name: "ada" });
  const eve = env.user("eve", at);
  await eve.quit();
  await eve.login();
  await eve.quit();
  const login = env.user("dan", at);
  const trying = login.login().catch((error) => error);
  await login.quit();
  await trying;
  await bob.saw("online", { name: "eve" });
  await bob.saw("offline", { name: "eve" });
  assertEquals(server.userCount, names(bob).length);
});
