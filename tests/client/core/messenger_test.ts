/** What takes time, and what happens in the middle of something else. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Chat } from "../../../client/core/mod.ts";
import { deleteOfAdd, encodeAdd, encodeLine, limits } from "../../../protocol/mod.ts";
import { assertRefused, TestUser } from "../../helpers/test_user.ts";
import { inTime } from "../../helpers/wait.ts";
import { FakeTime } from "../../helpers/time.ts";
import { hearLogin, logIn } from "../../helpers/fake_server.ts";
import type { Wire } from "../../helpers/peers.ts";
import { type Place, TestEnvironment } from "../../helpers/test_environment.ts";
import { clientLimits } from "../../../client/core/limits.ts";
import { DIAL_TIMEOUT_MS } from "../../../server/platform/net/dial.ts";

const NOWHERE: Place = { hostname: "198.51.100.1", port: 4242 };

/** A bare peer that a user calls; resolves to both ends. */
async function callOf(env: TestEnvironment, user: TestUser): Promise<[chat: Chat, peer: Wire]> {
  const called = Promise.withResolvers<Wire>();
  const { hostname, port } = env.listen(called.resolve);
  const chat = await user.call({ name: "peer", address: hostname, port, id: 1, own: false });
  const peer = await called.promise;
  assertEquals(await peer.line(), user.name);
  return [chat, peer];
}

Deno.test("messenger: a server that never answers is unreachable after the dial time", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const ada = env.user("ada", NOWHERE);
  const login = assertRefused("server-unreachable", () => ada.login());
  await time.pass(DIAL_TIMEOUT_MS - 1);
  assertEquals(ada.state, "connecting");
  await time.pass(1);
  assertEquals(
    (await login).message,
    "cannot reach the server at 198.51.100.1:4242: no answer in time",
  );
  assertEquals(ada.state, "offline");
});

Deno.test("messenger: a peer that never answers is unreachable after the dial time", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const user = { name: "bob", address: NOWHERE.hostname, port: 4000, id: 1, own: false };
  const call = assertRefused("peer-unreachable", () => ada.call(user));
  await time.pass(DIAL_TIMEOUT_MS);
  assertEquals((await call).message, "cannot reach bob at 198.51.100.1:4000: no answer in time");
  assertEquals(ada.chats.all, []);
});

Deno.test("messenger: addresses that can't be dialed are unreachable", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  for (const address of ["", "no.such.host", "a b", "\x1b[2J"]) {
    for (const port of [0, 4000]) {
      await assertRefused(
        "peer-unreachable",
        () => ada.call({ name: "bob", address, port, id: 1, own: false }),
      );
    }
    await assertRefused(
      "server-unreachable",
      () => env.user("eve", { hostname: address, port: 4242 }).login(),
    );
  }
});

Deno.test("messenger: a server without a welcome is sent the login after a while", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  let heard = false;
  const at = env.listen(async (wire) => {
    const login = await hearLogin(wire);
    heard = true;
    await wire.say(encodeAdd({ ...login, address: wire.connection.remoteAddr.hostname }));
    await wire.hung();
  });
  const ada = env.user("ada", at);
  const login = ada.login();
  await time.pass(clientLimits.welcomeTimeoutMs - 1);
  assert(!heard);
  await time.pass(1);
  await login;
  await ada.saw("logged-in", { name: "ada" });
});

Deno.test("messenger: a welcome that never ends only delays the login", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const heard = Promise.withResolvers<void>();
  const at = env.listen(async (wire) => {
    await wire.say("Welcome\n");
    const login = await hearLogin(wire);
    heard.resolve();
    await wire.say("to\n", encodeAdd({ ...login, address: "192.0.2.2" }));
    await wire.hung();
  });
  const ada = env.user("ada", at);
  const login = ada.login();
  await ada.saw("welcome", { text: "Welcome" });
  await time.pass(clientLimits.welcomeTimeoutMs);
  await heard.promise;
  await login;
  await ada.saw("welcome", { text: "to" });
});

Deno.test("messenger: a server that doesn't answer the login has refused it", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const at = env.listen(async (wire) => {
    await wire.say("Welcome\n\n");
    await wire.hung();
  });
  const ada = env.user("ada", at);
  const login = assertRefused("protocol-error", () => ada.login());
  await time.pass(clientLimits.loginAnswerTimeoutMs - 1);
  assertEquals(ada.state, "connecting");
  await time.pass(1);
  assertEquals(
    (await login).message,
    `the server at ${at.hostname}:${at.port} did not log ada in: ` +
      "it did not answer the login within 10 s",
  );
});

Deno.test("messenger: a table without the own entry is no login", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const at = env.listen(async (wire) => {
    await wire.say("\n", encodeAdd({ name: "bob", address: "192.0.2.9", port: 1 }));
    await wire.hung();
  });
  const ada = env.user("ada", at);
  const login = assertRefused("protocol-error", () => ada.login());
  await time.pass(clientLimits.loginAnswerTimeoutMs);
  await login;
});

Deno.test("messenger: a server that closes right after the login is a disconnect", async () => {
  await using env = TestEnvironment.fake();
  const at = env.listen(async (wire) => {
    await logIn(wire);
    await wire.end();
    await wire.hung();
  });
  const ada = env.user("ada", at);
  await ada.login();
  await ada.saw("logged-in");
  await ada.saw("disconnected");
  assertEquals(ada.state, "offline");
});

/** What can be under way when somebody logs out or quits. */
const MOMENTS: Readonly<Record<string, (env: TestEnvironment) => Place>> = {
  "the dial": () => NOWHERE,
  "the wait for a welcome": (env) => env.listen((wire) => wire.hung()),
  "the welcome": (env) =>
    env.listen(async (wire) => {
      await wire.say("Welcome\nto");
      await wire.hung();
    }),
  "the wait for the table": (env) =>
    env.listen(async (wire) => {
      await wire.say("Welcome\n\n");
      await wire.hung();
    }),
};

for (const [moment, serve] of Object.entries(MOMENTS)) {
  for (const leave of ["logout", "quit"] as const) {
    Deno.test(`messenger: ${leave} in the middle of ${moment} ends the login at once`, async () => {
      using time = new FakeTime();
      await using env = TestEnvironment.fake();
      const ada = env.user("ada", serve(env));
      const login = assertRefused("invalid-state", () => ada.login());
      await time.pass(clientLimits.welcomeTimeoutMs - 1);
      assertEquals(ada.state, "connecting");
      await assertRefused("invalid-state", () => ada.login());
      await ada[leave]();
      assertEquals(ada.state, "offline");
      const { message } = await inTime(login, "the login to be given up");
      assertEquals(message, "logged out while connecting");
      await time.pass(60_000);
      const listening = ada.events.all.filter(({ event }) => event === "listening");
      assertEquals(listening.length, moment === "the wait for the table" ? 1 : 0);
      const { server, at } = env.serve();
      await ada.login("ada", at);
      assertEquals(server.userCount, 1);
    });
  }
}

Deno.test("messenger: quitting during a call leaves no chat", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const user = { name: "bob", address: NOWHERE.hostname, port: 4000, id: 1, own: false };
  const call = assertRefused("peer-unreachable", () => ada.call(user));
  await time.pass(1);
  await ada.quit();
  await inTime(call, "the call to be given up");
  assertEquals(ada.chats.all, []);

  const called = Promise.withResolvers<Wire>();
  const peer = env.listen(called.resolve);
  await ada.login();
  const late = ada.call({ ...user, address: peer.hostname, port: peer.port }).catch(() => {});
  const wire = await called.promise;
  await ada.quit();
  await late;
  assertEquals(ada.chats.all, []);
  await wire.hung();
});

Deno.test("messenger: a peer that hangs up on a call leaves nothing open", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const { address, network } = env.machine();
  const listener = network.listen({ hostname: address, port: 0 });
  const user = { name: "bob", address, port: listener.addr.port, id: 1, own: false };
  const call = ada.call(user).then(() => "called", (error) => error.code);
  listener.close();
  if (await call === "called") await ada.saw("chat-closed", { name: "bob" });
  else assertEquals(await call, "peer-unreachable");
});

Deno.test("messenger: closing waits for a peer that closes late, not for one that never does", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const [chat, peer] = await callOf(env, ada);
  await chat.send("bye");
  const closing = chat.close();
  await ada.saw("chat-closed", { by: "me" });
  assertEquals(await peer.line(), "bye");
  await peer.say("one moment\n");
  await time.pass(clientLimits.lingerTimeoutMs - 1);
  peer.close();
  assertEquals(await closing, true);

  const [other, silent] = await callOf(env, ada);
  let closed = false;
  const never = other.close().then(() => closed = true);
  await time.pass(clientLimits.lingerTimeoutMs - 1);
  assert(!closed);
  await time.pass(1);
  await never;
  await silent.hung();
  assertEquals(ada.events.unread.filter(({ event }) => event === "message"), []);
});

Deno.test("messenger: close() tells if the connection broke before all was handed over", async () => {
  await using env = TestEnvironment.fake({ capacity: 100 });
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const [chat, peer] = await callOf(env, ada);
  const sending = assertRefused("chat-closed", () => chat.send("x".repeat(1000)));
  const closing = chat.close();
  await peer.bytes(10);
  peer.close();
  assertEquals(await closing, false);
  await sending;
});

Deno.test("messenger: a peer that never reads is waited for up to a limit, and other chats go on", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada, bob] = await env.online(at, "ada", "bob");
  const [stuck, peer] = await callOf(env, ada);
  const line = "x".repeat(limits.lineBytes - 1);
  await stuck.send(line); // as much as the network holds
  const sendings: Promise<unknown>[] = [];
  while (stuck.bufferedAmount < clientLimits.bufferedBytes) {
    sendings.push(assertRefused("chat-closed", () => stuck.send(line)));
  }
  await time.pass(0);
  assertEquals(stuck.bufferedAmount, clientLimits.bufferedBytes);
  const error = await assertRefused("send-failed", () => stuck.send(line));
  assertEquals(
    error.message,
    `nothing was sent: peer reads too slowly, ${clientLimits.bufferedBytes} bytes still wait`,
  );
  await assertRefused("send-failed", () => stuck.send("a\n".repeat(2)));

  const chat = await ada.call("bob");
  for (let times = 0; times < 100; times++) await chat.send(`line ${times}`);
  await bob.saw("message", { name: "ada", text: "line 99" });
  await chat.close();
  await bob.saw("chat-closed", { by: "them" });

  const quitting = ada.quit();
  await time.pass(clientLimits.lingerTimeoutMs);
  await quitting;
  await Promise.all(sendings);
  await peer.hung();
});

Deno.test("messenger: a peer that reads late gets everything, in order", async () => {
  await using env = TestEnvironment.fake({ capacity: 1000 });
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const [chat, peer] = await callOf(env, ada);
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}`);
  const sending = Promise.all(lines.map((line) => chat.send(line)));
  assert(chat.bufferedAmount > 0);
  for (const line of lines) assertEquals(await peer.line(), line);
  await sending;
  assertEquals(chat.bufferedAmount, 0);
});

Deno.test("messenger: a text of any size goes out if nothing waits", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const [chat, peer] = await callOf(env, ada);
  const line = "y".repeat(60_000);
  const sending = chat.send(`${line}\n`.repeat(40));
  for (let times = 0; times < 40; times++) assertEquals(await peer.line(), line);
  await sending;
});

Deno.test("messenger: if it can't listen, the login fails with cannot-listen", async () => {
  await using env = TestEnvironment.fake();
  const { server, at } = env.serve();
  const machine = env.machine();
  const { network, address } = machine;
  const listener = network.listen({ hostname: "0.0.0.0", port: 4000 });
  for (
    const [listen, message] of [
      [{ hostname: address, port: 4000 }, `on ${address}:4000: it is in use`],
      [{ port: 4000 }, "on port 4000: it is in use"],
      [{ hostname: "198.51.100.7" }, "on 198.51.100.7: this machine has no such address"],
    ] as const
  ) {
    await using ada = new TestUser({ name: "ada", server: at, listen, network });
    const error = await assertRefused("cannot-listen", () => ada.login());
    assertEquals(error.message, `cannot listen for peers ${message}`);
    assertEquals(ada.state, "offline");
  }
  listener.close();
  assertEquals(server.userCount, 0);
});

Deno.test("messenger: a namesake at the same port elsewhere is not the client itself", async () => {
  await using env = TestEnvironment.fake();
  const at = env.listen(async (wire) => {
    await wire.say("\n");
    const login = await hearLogin(wire);
    const own = { ...login, address: wire.connection.remoteAddr.hostname };
    const namesake = { ...login, address: "192.0.2.9" };
    await wire.say(encodeAdd(namesake), encodeAdd(own), encodeAdd(namesake));
    await wire.hung();
  });
  const ada = env.user("ada", at);
  await ada.login();
  for (let adds = 0; adds < 3; adds++) await ada.saw("online", { name: "ada" });
  const own = [...ada.users].filter((user) => user.own);
  assertEquals(own.length, 1);
  assertNotEquals(own[0]?.address, "192.0.2.9");
  assertEquals(ada.events.all.filter(({ event }) => event === "logged-in").length, 1);
});

Deno.test("messenger: a user with another name or address is another user", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const peers: Wire[] = [];
  const one = env.listen((wire) => void peers.push(wire));
  const two = env.listen((wire) => void peers.push(wire));
  const call = (name: string, { hostname, port }: Place) =>
    ada.call({ name, address: hostname, port, id: 1, own: false });
  const bob = await call("bob", one);
  const eve = await call("eve", one);
  const other = await call("bob", two);
  assertEquals(ada.chats.all, [bob, eve, other]);
  for (const peer of peers) {
    await peer.line();
    peer.close();
    await ada.saw("chat-closed");
  }
  const again = await call("bob", two);
  assertEquals(ada.chats.all, [bob, eve, again]);
});

Deno.test("messenger: a logout closes calls that have not told their name", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const { port } = await ada.saw("listening");
  const caller = await env.dial({ hostname: [...ada.users][0]?.address ?? "", port });
  await caller.say("ev");
  ada.logout();
  await caller.hung();
  await time.pass(0);
  assertEquals(ada.events.all.filter(({ event }) => event === "error"), []);
});

Deno.test("messenger: it keeps listening while the server is away, and stops at logout", async () => {
  await using env = TestEnvironment.fake();
  const { server, at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const { port } = await ada.saw("listening");
  await server.close();
  await ada.saw("disconnected");
  const address = [...ada.users][0]?.address ?? "";
  const eve = await env.dial({ hostname: address, port });
  await eve.say("eve\n");
  await ada.saw("chat-opened", { name: "eve", by: "them" });
  const again = env.serve();
  await ada.login("ada", again.at);
  assertEquals((await ada.saw("listening")).port, port);
  ada.logout();
  await eve.say(encodeLine("still there?"));
  await ada.saw("message", { text: "still there?" });
  const gone = await env.dial({ hostname: address, port }).catch((error) => error);
  assert(gone instanceof Deno.errors.ConnectionRefused);
});

Deno.test("messenger: subscribers get events until they unsubscribe", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const ada = env.user("ada", at);
  const kinds: string[] = [];
  const unsubscribe = ada.subscribe(({ type }) => kinds.push(type));
  await ada.login();
  unsubscribe();
  ada.logout();
  assertEquals(kinds, ["connected", "welcome", "listening", "online", "logged-in"]);
});

Deno.test("messenger: rows that come before the login are not of its table", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  ada.logout();
  ada.events.clear();
  const early = encodeAdd({ name: "bob", address: "192.0.2.9", port: 1 });
  const other = env.listen(async (wire) => {
    await wire.say("\n", early);
    const login = await hearLogin(wire);
    await wire.say(encodeAdd({ ...login, address: "192.0.2.2" }), early);
    await wire.hung();
  });
  await ada.login("ada", other);
  await ada.saw("online", { name: "bob" });
  assertEquals(
    ada.events.unread.filter(({ event, name }) => event === "online" && name === "bob"),
    [],
  );
  assertEquals([...ada.users].map(({ name }) => name), ["ada", "bob"]);
});

Deno.test("messenger: a server that removes the own entry causes an error", async () => {
  await using env = TestEnvironment.fake();
  const taken = Promise.withResolvers<void>();
  const at = env.listen(async (wire) => {
    await wire.say("Welcome\n\n");
    const login = await hearLogin(wire);
    const own = encodeAdd({ ...login, address: wire.connection.remoteAddr.hostname });
    await wire.say(own);
    await taken.promise;
    await wire.say(deleteOfAdd(own));
    await wire.hung();
  });
  const ada = env.user("ada", at);
  await ada.login();
  taken.resolve();
  await ada.saw("offline", { name: "ada" });
  await ada.saw("error", { text: /^the server at .* has taken you off its list/ });
});
