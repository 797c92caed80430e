import { assert, assertEquals, assertMatch } from "@std/assert";
import { exitCodeOf } from "../../../client/app/exit_codes.ts";
import { sendCommand } from "../../../client/cli/send_command.ts";
import { waitCommand } from "../../../client/cli/wait_command.ts";
import { whoCommand } from "../../../client/cli/who_command.ts";
import { type ClientErrorCode, Identity, MemoryStore } from "../../../client/core/mod.ts";
import { encodeAdd, encodeLogin, encodeWelcome, limits } from "../../../protocol/mod.ts";
import { assertRefused, recordEvents, type TestUser } from "../../helpers/test_user.ts";
import { inTime } from "../../helpers/wait.ts";
import { FakeTime, NoDeadlines } from "../../helpers/time.ts";
import { logIn } from "../../helpers/fake_server.ts";
import { testIdentity, testKey } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { type Place, TestEnvironment } from "../../helpers/test_environment.ts";
import { DIAL_TIMEOUT_MS } from "../../../server/platform/net/dial.ts";

/** So long a table is waited for after its last Add, at most; the limits are not the contract's. */
const A_MOMENT = 1_000;
const NOWHERE: Place = { hostname: "198.51.100.1", port: 4242 };

/** Asserts both the error's code and the exit code that it becomes. */
async function assertExit(
  exitCode: number,
  code: ClientErrorCode,
  fn: () => Promise<unknown>,
): Promise<string> {
  const { message } = await assertRefused(code, fn);
  assertEquals(exitCodeOf(code), exitCode);
  return message;
}

Deno.test("who: shows the table, in order, and how many", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  await env.online(at, "bob", "eve");
  const ada = env.user("ada", at);
  const output = recordEvents("output");
  const done = whoCommand(ada, output.add);
  await time.pass(A_MOMENT);
  assertEquals(await done, 0);
  assertEquals(
    output.all.map(({ event, number, name, flags, count }) =>
      event === "users" ? { count } : { number, name, flags }
    ),
    [
      { number: 1, name: "bob", flags: [] },
      { number: 2, name: "eve", flags: [] },
      { number: 3, name: "ada", flags: ["you"] },
      { count: 3 },
    ],
  );
});

Deno.test("who: waits for a table that comes in pieces, the own entry first", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const more = Promise.withResolvers<void>();
  const at = env.listen(async (wire) => {
    await logIn(wire);
    await more.promise;
    await wire.say(encodeAdd({ name: "bob", address: "192.0.2.9", port: 1 }));
    await wire.hung();
  });
  const ada = env.user("ada", at);
  const output = recordEvents("output");
  const done = whoCommand(ada, output.add);
  await ada.saw("logged-in");
  await time.pass(100);
  more.resolve();
  await ada.saw("online", { name: "bob" });
  await time.pass(A_MOMENT);
  assertEquals(await done, 0);
  await output.saw("users", { count: 2 });
});

Deno.test("who: a server that goes at once leaves what was there", async () => {
  using _ = new FakeTime(); // none passes
  await using env = TestEnvironment.fake();
  const at = env.listen(async (wire) => {
    await logIn(wire);
    await wire.end();
  });
  const output = recordEvents("output");
  assertEquals(await inTime(whoCommand(env.user("ada", at), output.add), "an end"), 0);
  await output.saw("users", { count: 1 });
});

Deno.test("send: delivers texts in order, then closes the chat", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [bob] = await env.online(at, "bob");
  const texts = ["one", "two\nthree", "", "four"];
  assertEquals(await inTime(sendCommand(env.user("ada", at), "bob", texts), "an end"), 0);
  await bob.saw("chat-opened", { name: "ada", by: "them" });
  for (const text of ["one", "two", "three", "four"]) await bob.saw("message", { text });
  await bob.saw("chat-closed", { by: "them" });
});

Deno.test("send: takes texts as they come", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [bob] = await env.online(at, "bob");
  async function* texts() {
    yield "first";
    await bob.saw("message", { text: "first" });
    yield "second";
    await bob.saw("message", { text: "second" });
  }
  assertEquals(await sendCommand(env.user("ada", at), "bob", texts()), 0);
});

Deno.test("send: upper and lower case may be mixed up where nobody is called just so", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [bob] = await env.online(at, "bob");
  const sending = sendCommand(env.user("ada", at), "BOB", ["hi"]);
  await time.pass(A_MOMENT);
  assertEquals(await sending, 0);
  await bob.saw("message", { text: "hi" });
});

Deno.test("send: a pinned name is its owner, whoever has the name beside", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const identity = testKey(2);
  const bob = env.user("bob", at, undefined, { identity: Identity.fromBytes(identity) });
  await bob.login();
  const [namesake] = await env.online(at, "bob");
  const store = new MemoryStore();
  const server = bob.serverId ?? "";
  const pin = {
    server,
    name: "bob",
    identity: bob.publicKey ?? identity,
    verified: false,
    since: 1,
  };
  await store.keepPin(pin);
  const ada = env.user("ada", at, undefined, { identity: testIdentity(1), store });
  assertEquals(await inTime(sendCommand(ada, "bob", ["hi"]), "an end"), 0);
  await bob.saw("message", { name: "ada", text: "hi" });
  assertEquals(namesake.events.all.filter(({ event }) => event === "chat-opened"), []);
});

Deno.test("send: a name is its owner's by the server's word, where it is not known yet", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const [before] = await env.online(at, "bob");
  const [first, second] = [2, 2].map((key) =>
    env.user("bob", at, undefined, { identity: testIdentity(key) })
  ) as [TestUser, TestUser];
  await first.login();
  const [namesake] = await env.online(at, "Bob");
  await second.login();
  const sends = async (to: string, text: string) => {
    const ada = env.user("ada", at, undefined, { identity: testIdentity(1) });
    assertEquals(await inTime(sendCommand(ada, to, [text]), "an end"), 0);
    await ada.quit();
  };
  await sends("bob", "hi");
  await sends("BOB", "there");
  await second.saw("message", { name: "ada", text: "hi" });
  await second.saw("message", { name: "ada", text: "there" });
  const opened = ({ events }: TestUser) =>
    events.all.filter(({ event }) => event === "chat-opened");
  assertEquals([first, before, namesake].flatMap(opened), [], "the latest of its programs alone");
  const { address, port } = [...before.users].find(({ own }) => own) ?? { address: "", port: 0 };
  await sends(`bob@${address}:${port}`, "to you, in the clear");
  await before.saw("message", { text: "to you, in the clear" });
});

Deno.test("send: nothing to say is a call all the same", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [bob] = await env.online(at, "bob");
  assertEquals(await sendCommand(env.user("ada", at), "bob", []), 0);
  await bob.saw("chat-closed", { by: "them" });
});

Deno.test("send: nobody of that name, oneself, and more than one is exit 5", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  await env.online(at, "eve", "eve");
  for (const to of ["bob", "ada", "eve"] as const) {
    const ada = env.user("ada", at);
    const sending = assertExit(5, "not-online", () => sendCommand(ada, to, ["hi"]));
    await time.pass(A_MOMENT);
    const message = await sending;
    await ada.quit();
    const why = { bob: "bob is not online", ada: "ada is you", eve: "eve could mean eve@" }[to];
    assert(message.startsWith(why), message);
  }
});

Deno.test("send: a name as it is written comes before one in another case, whoever is first", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [bob, upper] = await env.online(at, "bob", "BOB");
  const places = [upper, bob].map((user) => [...user.users].find(({ own }) => own));
  const odd = env.listen(async (wire) => {
    await logIn(wire);
    for (const place of places) {
      assert(place !== undefined);
      await wire.say(encodeAdd(place));
    }
    await wire.hung();
  });
  const sending = sendCommand(env.user("ada", odd), "bob", ["for bob"]);
  await time.pass(A_MOMENT);
  assertEquals(await sending, 0);
  await bob.saw("message", { name: "ada", text: "for bob" });
});

Deno.test("send: somebody who can't be reached is exit 5", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const ghost = await env.dial(at);
  await ghost.say(encodeLogin({ name: "bob", port: 4000 }));
  await assertExit(5, "peer-unreachable", () => sendCommand(env.user("ada", at), "bob", ["hi"]));
});

Deno.test("send: a chat that is lost, or that the other side closes, is exit 6", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [bob] = await env.online(at, "bob");
  for (const closing of ["bob closes", "bob is gone"]) {
    const texts = async function* () {
      yield "one";
      const { chat } = await bob.saw("chat-opened");
      await bob.saw("message", { text: "one" });
      if (closing === "bob closes") await chat.close();
      else await bob.quit();
      yield "two";
      yield "three";
    };
    const user = env.user("ada", at);
    await assertExit(6, "chat-closed", () => sendCommand(user, "bob", texts()));
    await user.quit();
  }
});

Deno.test("send: where the other side closes behind the last text, nobody knows: exit 6", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [bob] = await env.online(at, "bob");
  const ada = env.user("ada", at);
  async function* texts() {
    yield "one";
    await (await bob.saw("chat-opened")).chat.close();
    await ada.saw("chat-closed", { by: "them" });
  }
  await assertExit(6, "chat-closed", () => sendCommand(ada, "bob", texts()));
});

Deno.test("send: a text that is too long is exit 6", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  await env.online(at, "bob");
  const text = "x".repeat(limits.lineBytes + 1);
  await assertExit(6, "send-failed", () => sendCommand(env.user("ada", at), "bob", [text]));
});

Deno.test("send: 120 at once all arrive", async () => {
  using _ = new NoDeadlines();
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const store = new MemoryStore();
  const bob = env.user("bob", at, undefined, { identity: testIdentity(2), store });
  await bob.login();
  const identity = testIdentity(1);
  const pin = { name: "ada", identity: identity.publicKey, verified: false, since: 1 };
  await store.keepPin({ ...pin, server: bob.serverId ?? "" }); // strangers get fewer chats
  const machine = env.machine();
  const sends = Array.from({ length: 120 }, async (_, number) => {
    await using ada = env.user("ada", at, machine, { identity, takesMessages: false });
    return await sendCommand(ada, "bob", [`hello from ${number}`]);
  });
  assertEquals(await Promise.all(sends), sends.map(() => 0));
  const texts = bob.events.all.filter(({ event }) => event === "message").map(({ text }) => text);
  assertEquals(new Set(texts).size, 120);
});

Deno.test("send: without the server it is exit 3, refused by it exit 4", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const unreachable = assertExit(
    3,
    "server-unreachable",
    () => sendCommand(env.user("ada", NOWHERE), "bob", ["hi"]),
  );
  await time.pass(DIAL_TIMEOUT_MS);
  await unreachable;
  const { at } = env.serve({ maxUsers: 1 });
  await env.online(at, "bob");
  await assertExit(4, "server-refused", () => sendCommand(env.user("ada", at), "bob", ["hi"]));
});

Deno.test("wait: somebody who is online is there at once", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  await env.online(at, "bob");
  assertEquals(await waitCommand(env.user("ada", at), "bob", undefined), 0);
  assertEquals(await waitCommand(env.user("eve", at), "Bob", 5), 0);
});

Deno.test("wait: until somebody comes", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const ada = env.user("ada", at);
  const waiting = waitCommand(ada, "bob", 3600);
  await ada.saw("logged-in");
  await time.pass(3_599_999);
  await env.online(at, "bobby", "bob");
  assertEquals(await waiting, 0);
});

Deno.test("wait: oneself is not somebody else of that name", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const ada = env.user("ada", at);
  const waiting = waitCommand(ada, "ada", undefined);
  await ada.saw("logged-in");
  await time.pass(1);
  await env.online(at, "ada");
  assertEquals(await waiting, 0);
});

Deno.test("wait: for 0 seconds is a question, answered by the complete table", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const bob = env.user("bob", at);
  await bob.login();
  assertEquals(await waitCommand(env.user("ada", at), "bob", 0), 0);
  await assertExit(5, "not-online", () => waitCommand(env.user("eve", at), "carol", 0));
});

Deno.test("wait: no longer than one wants is exit 5", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const ada = env.user("ada", at);
  const waiting = assertExit(5, "not-online", () => waitCommand(ada, "bob", 30));
  await ada.saw("logged-in");
  await time.pass(30_000);
  assertEquals(await waiting, "bob was not online within 30 s");
});

Deno.test("wait: a server that goes is exit 3, one that isn't there too, a full one exit 4", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { server, at } = env.serve();
  const ada = env.user("ada", at);
  const waiting = assertExit(3, "server-unreachable", () => waitCommand(ada, "bob", undefined));
  await ada.saw("logged-in");
  await server.close();
  assertEquals(await waiting, "the server closed the connection");
  await assertExit(
    3,
    "server-unreachable",
    () => waitCommand(env.user("ada", at), "bob", undefined),
  );
  await assertExit(3, "server-unreachable", () => waitCommand(env.user("ada", at), "bob", 0));
  await time.pass(10_000);
  const full = env.serve({ maxUsers: 1 });
  await env.online(full.at, "eve");
  await assertExit(
    4,
    "server-refused",
    () => waitCommand(env.user("ada", full.at), "bob", undefined),
  );
});

Deno.test("wait: the time one wants to wait holds for the dial too", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const waiting = assertExit(
    3,
    "server-unreachable",
    () => waitCommand(env.user("ada", NOWHERE), "bob", 2),
  );
  await time.pass(2_000);
  await waiting;
});

Deno.test("wait: a server that is silent at first is tried again while there is time", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  let isSilent = true;
  const at = env.listen(async (wire) => {
    if (isSilent) return await wire.hung();
    await wire.say(encodeWelcome("late"));
  });
  const ada = env.user("ada", at);
  const waiting = assertRefused("server-unreachable", () => waitCommand(ada, "bob", 45));
  await time.pass(25_000);
  isSilent = false;
  await time.pass(15_000);
  assertEquals((await ada.saw("welcome")).text, "late");
  await time.pass(10_000);
  assertMatch((await waiting).message, /did not answer|no answer/);
});

Deno.test("wait: a server that goes is waited for, too, while there is time", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { network, address: hostname } = env.machine();
  const start = (port = 0) => env.serve({ hostname, port, network });
  const { server } = start();
  const at = { hostname, port: server.port };
  const [ada, eve] = [env.user("ada", at), env.user("eve", at)];
  const waiting = waitCommand(ada, "bob", 60);
  const inVain = assertRefused("server-unreachable", () => waitCommand(eve, "carol", 60));
  await Promise.all([ada.saw("logged-in"), eve.saw("logged-in")]);
  await server.close();
  await Promise.all([ada.saw("disconnected"), eve.saw("disconnected")]);
  await time.pass(20_000);
  const { server: again } = start(at.port);
  await time.pass(1_000);
  await ada.saw("logged-in");
  await env.online(at, "bob");
  assertEquals(await waiting, 0);
  await again.close();
  await time.pass(39_000);
  assertMatch((await inVain).message, /nothing listens there/);
});

Deno.test("wait: a server that is not there yet is waited for while there is time, and a note says so", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { network, address: hostname } = env.machine();
  const at = { hostname, port: 4242 };
  const [ada, eve] = [env.user("ada", at), env.user("ada", at)];
  const notes: string[] = [];
  const waiting = waitCommand(ada, "bob", 60, (event) => {
    if (event.type === "note") notes.push(event.text);
  });
  const inVain = assertExit(3, "server-unreachable", () => waitCommand(eve, "bob", 15));
  await time.pass(20_000);
  assertMatch(await inVain, /nothing listens there/);
  assertEquals(notes.length, 1);
  assertMatch(notes[0] ?? "", /nothing listens there.*; trying again for up to 60 s$/);
  env.serve({ ...at, network });
  await time.pass(1_000);
  await ada.saw("logged-in");
  await env.online(at, "bob");
  assertEquals(await waiting, 0);
});

Deno.test("send: with --wait a server that is not there yet is waited for, too", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { network, address: hostname } = env.machine();
  const at = { hostname, port: 4242 };
  const [ada, eve] = [env.user("ada", at), env.user("eve", at)];
  const notes: string[] = [];
  const sending = sendCommand(ada, "bob", ["hello"], { waitSeconds: 60 }, undefined, (event) => {
    if (event.type === "note") notes.push(event.text);
  });
  const inVain = assertExit(
    3,
    "server-unreachable",
    () => sendCommand(eve, "bob", ["hello"], { waitSeconds: 15 }),
  );
  await assertExit(3, "server-unreachable", () => sendCommand(env.user("cy", at), "bob", ["hi"]));
  await time.pass(20_000);
  await inVain;
  assertEquals(notes.length, 1);
  assertMatch(notes[0] ?? "", /nothing listens there.*; trying again for up to 60 s$/);
  env.serve({ ...at, network });
  await time.pass(1_000);
  await ada.saw("logged-in");
  const [bob] = await env.online(at, "bob");
  await time.pass(A_MOMENT);
  await bob.saw("message", { text: "hello" });
  await time.pass(A_MOMENT);
  assertEquals(await sending, 0);
});

Deno.test("wait: a server that says nothing is not reached, whoever was waited for", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const at = env.listen((wire) => wire.hung());
  const ada = env.user("ada", at);
  const waiting = assertRefused("server-unreachable", () => waitCommand(ada, "bob", 1));
  await time.pass(1_000);
  assertMatch((await waiting).message, /no answer within 1 s/);
});
